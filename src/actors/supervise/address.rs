//! How an actor is reached: counted sends against its intake, and a post box that outlives restarts.

use super::directory::Meta;
use crate::clock;
use ractor::{ActorCell, ActorRef};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// What travels to an actor: its own messages, or an order to fail, for tests of the supervision.
pub enum Envelope<M> {
    Work(M),
    Crash,
}

/// The address of one incarnation of an actor.
pub struct Address<M> {
    actor: ActorRef<Envelope<M>>,
    meta: Arc<Meta>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("its intake is full")]
    Busy,
    #[error("it is not there")]
    Gone,
}

impl<M: Send + 'static> Address<M> {
    pub(super) fn new(actor: ActorRef<Envelope<M>>, meta: Arc<Meta>) -> Self {
        Self { actor, meta }
    }

    /// Asks for new work: refused when the intake is full.
    pub fn send(&self, message: M) -> Result<(), SendError> {
        if self.meta.is_full() {
            return Err(SendError::Busy);
        }
        self.report(message)
    }

    /// Reports on work that was accepted before: never refused as busy, since accepted work bounds it.
    pub fn report(&self, message: M) -> Result<(), SendError> {
        self.meta.queued(clock::tick());
        self.actor.cast(Envelope::Work(message)).map_err(|_| {
            self.meta.unqueued();
            SendError::Gone
        })
    }

    /// Sends the message to itself after a while; forgotten when the actor ends before.
    pub fn after(&self, delay: Duration, message: impl FnOnce() -> M + Send + 'static) {
        let meta = self.meta.clone();
        self.actor.send_after(delay, move || {
            meta.queued(clock::tick());
            Envelope::Work(message())
        });
    }

    pub fn cell(&self) -> ActorCell {
        self.actor.get_cell()
    }

    pub(super) fn crash(&self) {
        drop(self.actor.cast(Envelope::Crash));
    }
}

impl<M> Clone for Address<M> {
    fn clone(&self) -> Self {
        Self { actor: self.actor.clone(), meta: self.meta.clone() }
    }
}

/// Where the current incarnation of a permanent actor is found.
pub struct Post<M>(Arc<RwLock<Option<Address<M>>>>);

impl<M: Send + 'static> Post<M> {
    pub fn send(&self, message: M) -> Result<(), SendError> {
        self.get().ok_or(SendError::Gone)?.send(message)
    }

    pub fn report(&self, message: M) -> Result<(), SendError> {
        self.get().ok_or(SendError::Gone)?.report(message)
    }

    pub fn set(&self, address: Address<M>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(address);
    }

    fn get(&self) -> Option<Address<M>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<M> Default for Post<M> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<M> Clone for Post<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
