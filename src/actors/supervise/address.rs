//! How an actor is reached: counted sends against its intake, and a post box that outlives restarts.

use super::directory::Order;
use super::figures::Mailbox;
use super::meta::Meta;
use ractor::{ActorCell, ActorRef};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// What can be sent to an actor. The kind of a message is shown; what it carries never is.
pub trait Message: Send + 'static {
    fn kind(&self) -> &'static str;
}

/// An enum that derives `strum::IntoStaticStr` names its variants.
impl<M: Send + 'static> Message for M
where
    for<'a> &'a M: Into<&'static str>,
{
    fn kind(&self) -> &'static str {
        self.into()
    }
}

/// What travels to an actor: its own messages, and what all actors are told alike.
pub enum Envelope<M> {
    Work(M),
    Order(Order),
    /// Start the children that wait for this turn.
    Respawn(u64),
    /// What has not left by now is killed.
    Overdue,
}

/// The address of one incarnation of an actor.
pub struct Address<M> {
    actor: ActorRef<Envelope<M>>,
    meta: Arc<Meta>,
    mailbox: Arc<Mailbox>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("its intake is full")]
    Busy,
    #[error("it is not there")]
    Gone,
}

impl<M: Message> Address<M> {
    pub(super) fn new(
        actor: ActorRef<Envelope<M>>,
        meta: Arc<Meta>,
        mailbox: Arc<Mailbox>,
    ) -> Self {
        Self { actor, meta, mailbox }
    }

    /// Asks for new work: refused when the intake is full.
    pub fn send(&self, message: M) -> Result<(), SendError> {
        if self.mailbox.depth() >= self.meta.spec().intake.cast_unsigned() {
            return Err(SendError::Busy);
        }
        self.report(message)
    }

    /// Reports on work that was accepted before: never refused as busy, since accepted work bounds it.
    pub fn report(&self, message: M) -> Result<(), SendError> {
        self.mailbox.put(self.meta.now_us());
        self.actor.cast(Envelope::Work(message)).map_err(|_| {
            self.mailbox.put_back();
            SendError::Gone
        })
    }

    /// Sends the message to itself after a while; forgotten when the actor ends before.
    pub fn after(&self, delay: Duration, message: impl FnOnce() -> M + Send + 'static) {
        let (meta, mailbox) = (self.meta.clone(), self.mailbox.clone());
        self.actor.send_after(delay, move || {
            mailbox.put(meta.now_us());
            Envelope::Work(message())
        });
    }

    pub(super) fn taken(&self) {
        self.mailbox.take();
    }

    pub(super) fn cell(&self) -> ActorCell {
        self.actor.get_cell()
    }

    /// Whoever is gone has nothing to be told.
    pub(super) fn tell(&self, envelope: Envelope<M>) {
        drop(self.actor.cast(envelope));
    }

    pub(super) fn tell_after(&self, delay: Duration, envelope: Envelope<M>) {
        self.actor.send_after(delay, move || envelope);
    }
}

impl<M> Clone for Address<M> {
    fn clone(&self) -> Self {
        let Self { actor, meta, mailbox } = self;
        Self { actor: actor.clone(), meta: meta.clone(), mailbox: mailbox.clone() }
    }
}

/// Where the current incarnation of an actor is found.
pub struct Post<M>(Arc<RwLock<Option<Address<M>>>>);

impl<M: Message> Post<M> {
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
