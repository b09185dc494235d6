//! What an actor has to write, and what it sees of itself.

use super::address::{Address, Message};
use super::children::{Change, Children};
use super::directory::Directory;
use super::failure::{Failure, Fault};
use super::meta::Meta;
use super::spec::ActorSpec;
use super::watched::{Given, Watched};
use async_trait::async_trait;
use ractor::{Actor, ActorCell, ActorRef};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

/// One kind of actor.
#[async_trait]
pub trait Role: Send + Sized + 'static {
    type Args: Send + 'static;
    type Message: Message;
    const SPEC: ActorSpec;

    /// Makes the actor. To fail here is to fail like anywhere else.
    async fn start(me: &Me<Self>, args: Self::Args) -> Result<Self, Fault>;

    async fn handle(&mut self, me: &Me<Self>, message: Self::Message) -> Result<(), Fault>;

    /// Whom it supervises.
    fn children(&mut self) -> Option<&mut Children> {
        None
    }

    /// A child has been started, has failed, or will not come back. What is to be done about it has been done.
    async fn child_changed(&mut self, _me: &Me<Self>, _change: Change) -> Result<(), Fault> {
        Ok(())
    }

    /// It is to end in good order; its children, if it has any, have. Whatever waits in its mailbox is still handled.
    async fn leave(&mut self, _me: &Me<Self>) -> Result<Leaving, Fault> {
        Ok(Leaving::Now)
    }
}

/// When an actor leaves that was told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    Now,
    /// It will end itself when its work is done; at its deadline it is killed.
    Later,
}

/// An actor's view of itself.
pub struct Me<R: Role> {
    address: Address<R::Message>,
    pub(super) meta: Arc<Meta>,
    directory: Directory,
}

impl<R: Role> Me<R> {
    pub(super) fn new(address: Address<R::Message>, meta: Arc<Meta>, directory: Directory) -> Self {
        Self { address, meta, directory }
    }

    pub fn address(&self) -> &Address<R::Message> {
        &self.address
    }

    pub(in crate::actors) fn directory(&self) -> &Directory {
        &self.directory
    }

    pub fn path(&self) -> &str {
        self.meta.path()
    }

    /// Shows what this actor is doing.
    pub fn show(&self, state: impl Into<Cow<'static, str>>, current: Option<String>) {
        self.meta.show(state, current);
    }

    /// For work that goes on outside the handler to show that it comes further.
    pub fn pulse(&self) -> Pulse {
        Pulse(self.meta.clone())
    }

    /// No work is under way outside the handler.
    pub fn no_work(&self) {
        self.meta.no_work();
    }

    /// Ends after the message in hand, in good order.
    pub fn end(&self) {
        self.address.cell().stop(None);
    }
}

/// Shows the progress of work that an actor does outside its handler.
#[derive(Clone)]
pub struct Pulse(Arc<Meta>);

impl Pulse {
    /// It goes on. Without another beat in time the actor counts as stuck.
    pub fn beat(&self) {
        self.0.progressed();
    }
}

/// The top of a tree, as it is held from outside.
pub struct Root {
    cell: ActorCell,
    path: String,
    directory: Directory,
}

impl Root {
    /// Starts the top of a tree.
    pub async fn start<R: Role>(
        directory: &Directory,
        name: &str,
        args: R::Args,
    ) -> Result<Self, Failure> {
        let cell = start::<R>(directory, name.to_owned(), None, args).await?;
        Ok(Self { cell, path: name.to_owned(), directory: directory.clone() })
    }

    /// Ends the tree from its leaves up, and what has not ended by then is killed.
    pub async fn leave(&self, by: Instant) {
        self.directory.tell_to_leave(&self.path, by);
        let patience = by.saturating_duration_since(crate::clock::tick());
        let patience = Some(ractor::concurrency::Duration::from(patience));
        if self.cell.wait(patience).await.is_err() {
            tracing::warn!("the actors do not end in time, and are killed");
            self.cell.kill();
        }
    }
}

pub(super) async fn start<R: Role>(
    directory: &Directory,
    path: String,
    parent: Option<ActorCell>,
    args: R::Args,
) -> Result<ActorCell, Failure> {
    let meta = directory.enter(&path, R::SPEC);
    let given = Given { meta, directory: directory.clone(), args };
    let role = Watched::<R>::default();
    let started = match parent {
        Some(parent) => Actor::spawn_linked(None, role, given, parent).await,
        None => Actor::spawn(None, role, given).await,
    };
    match started {
        Ok((actor, _join)) => Ok(ActorRef::get_cell(&actor)),
        Err(ractor::SpawnErr::StartupFailed(error)) => Err(Failure::read(&path, &error)),
        Err(error) => Err(Failure::new(&path, error.to_string())),
    }
}
