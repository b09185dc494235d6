//! What an actor writes, and its adapter to ractor: counting, timing and failing in one place.

use super::address::{Address, Envelope};
use super::directory::{Directory, Meta};
use super::spec::ActorSpec;
use crate::clock;
use async_trait::async_trait;
use ractor::{Actor, ActorCell, ActorId, ActorProcessingErr, ActorRef, SupervisionEvent};
use std::marker::PhantomData;
use std::sync::Arc;

/// Why an actor ends badly. Its supervisor decides what comes next.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct Fault {
    pub reason: String,
}

/// One kind of actor.
#[async_trait]
pub trait Role: Send + Sized + 'static {
    type Args: Send + 'static;
    type Message: Send + 'static;
    const SPEC: ActorSpec;

    /// Makes the actor. What can fail belongs in the first message: a failed start is not supervised.
    async fn start(me: &Me<Self>, args: Self::Args) -> Self;

    async fn handle(&mut self, me: &Me<Self>, message: Self::Message) -> Result<(), Fault>;

    /// A child has ended. An actor without children has nothing to decide.
    async fn child_ended(&mut self, _me: &Me<Self>, _ended: Ended) -> Result<(), Fault> {
        Ok(())
    }
}

/// An actor's view of itself.
pub struct Me<R: Role> {
    address: Address<R::Message>,
    meta: Arc<Meta>,
    directory: Directory,
}

/// The end of a child, by failure or of its own accord.
#[derive(Debug)]
pub struct Ended {
    pub child: ActorId,
    /// `None` for an orderly end.
    pub failure: Option<String>,
}

/// A started child: its address, and where its figures stand.
pub struct Child<M> {
    pub address: Address<M>,
    pub path: String,
}

impl<M: Send + 'static> Child<M> {
    pub fn id(&self) -> ActorId {
        self.address.cell().get_id()
    }

    /// Ends it at once, in the middle of whatever it does.
    pub fn kill(&self) {
        self.address.cell().kill();
    }
}

impl<R: Role> Me<R> {
    pub fn address(&self) -> &Address<R::Message> {
        &self.address
    }

    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    pub fn path(&self) -> &str {
        self.meta.path()
    }

    /// Shows what this actor is doing.
    pub fn show(&self, state: impl Into<String>, current: Option<String>) {
        self.meta.set_state(state, current);
    }

    /// Ends after the message in hand, in good order.
    pub fn end(&self) {
        self.address.cell().stop(None);
    }
}

/// Starts a child that is linked to its supervisor.
pub async fn spawn<R: Role, P: Role>(
    supervisor: &Me<P>,
    name: &str,
    args: R::Args,
) -> Result<Child<R::Message>, Fault> {
    let path = format!("{}/{name}", supervisor.path());
    let link = Some(supervisor.address().cell());
    start::<R>(supervisor.directory(), path, link, args).await
}

/// Starts the top of a tree.
pub async fn spawn_root<R: Role>(
    directory: &Directory,
    name: &str,
    args: R::Args,
) -> Result<Child<R::Message>, Fault> {
    start::<R>(directory, name.to_owned(), None, args).await
}

async fn start<R: Role>(
    directory: &Directory,
    path: String,
    link: Option<ActorCell>,
    args: R::Args,
) -> Result<Child<R::Message>, Fault> {
    let meta = directory.enter(&path, R::SPEC);
    let given = Given { meta: meta.clone(), directory: directory.clone(), args };
    let role = Watched::<R>(PhantomData);
    let started = match link {
        Some(supervisor) => Actor::spawn_linked(None, role, given, supervisor).await,
        None => Actor::spawn(None, role, given).await,
    };
    match started {
        Ok((actor, _join)) => Ok(Child { address: Address::new(actor, meta), path }),
        Err(error) => Err(Fault { reason: error.to_string() }),
    }
}

/// The adapter: an actor of ractor that runs a [`Role`].
struct Watched<R>(PhantomData<fn() -> R>);

struct Given<A> {
    meta: Arc<Meta>,
    directory: Directory,
    args: A,
}

struct Running<R: Role> {
    role: R,
    me: Me<R>,
}

#[async_trait]
impl<R: Role> Actor for Watched<R> {
    type Msg = Envelope<R::Message>;
    type State = Running<R>;
    type Arguments = Given<R::Args>;

    async fn pre_start(
        &self,
        myself: ActorRef<Self::Msg>,
        given: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        let Given { meta, directory, args } = given;
        let address = Address::new(myself, meta.clone());
        let crash = address.clone();
        directory.started(&meta, move || crash.crash());
        let me = Me { address, meta, directory };
        me.show("idle", None);
        let role = R::start(&me, args).await;
        Ok(Running { role, me })
    }

    async fn handle(
        &self,
        _myself: ActorRef<Self::Msg>,
        envelope: Self::Msg,
        running: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let message = match envelope {
            Envelope::Work(message) => message,
            Envelope::Crash => ordered_to_crash(),
        };
        let begun = clock::tick();
        running.me.meta.taken(begun);
        let outcome = running.role.handle(&running.me, message).await;
        running.me.meta.handled(begun, clock::tick());
        outcome.map_err(ActorProcessingErr::from)
    }

    async fn handle_supervisor_evt(
        &self,
        _myself: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        running: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let ended = match event {
            SupervisionEvent::ActorTerminated(cell, _state, reason) => {
                Ended { child: cell.get_id(), failure: reason.filter(|reason| reason == "killed") }
            }
            SupervisionEvent::ActorFailed(cell, error) => {
                Ended { child: cell.get_id(), failure: Some(error.to_string()) }
            }
            SupervisionEvent::ActorStarted(_) | SupervisionEvent::ProcessGroupChanged(_) => {
                return Ok(());
            }
        };
        running.role.child_ended(&running.me, ended).await.map_err(ActorProcessingErr::from)
    }
}

#[expect(clippy::panic, reason = "the fault injection of the supervision tests is a real panic")]
fn ordered_to_crash() -> ! {
    panic!("ordered to crash")
}
