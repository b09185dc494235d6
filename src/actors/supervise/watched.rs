//! The adapter: an actor of ractor that runs a [`Role`], counts what it does, and keeps its promises for it.

use super::address::{Address, Envelope, Message};
use super::children::{Change, End};
use super::directory::{Directory, Order};
use super::failure::{Failure, Fault};
use super::meta::Meta;
use super::role::{Leaving, Me, Role};
use crate::clock;
use async_trait::async_trait;
use futures::FutureExt;
use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A child is killed this much before its parent would be, so that the parent hears of it.
const STEP: Duration = Duration::from_millis(100);

pub(super) struct Watched<R>(PhantomData<fn() -> R>);

impl<R> Default for Watched<R> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

pub(super) struct Given<A> {
    pub meta: Arc<Meta>,
    pub directory: Directory,
    pub args: A,
}

pub(super) struct Running<R: Role> {
    role: R,
    me: Me<R>,
    /// When it has to have left, once it was told to.
    by: Option<Instant>,
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
        let address = Address::new(myself, meta.clone(), meta.begin());
        let ordered = address.clone();
        directory.started(&meta, move |order| ordered.tell(Envelope::Order(order)));
        let me = Me::new(address, meta, directory);
        me.show("idle", None);
        match caught(&me, R::start(&me, args)).await {
            Ok(role) => Ok(Running { role, me, by: None }),
            Err(failure) => Err(failure.into()),
        }
    }

    async fn handle(
        &self,
        _myself: ActorRef<Self::Msg>,
        envelope: Self::Msg,
        running: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        running.take(envelope).await
    }

    async fn handle_supervisor_evt(
        &self,
        _myself: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        running: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let (child, end) = match event {
            SupervisionEvent::ActorTerminated(cell, _state, reason) => {
                let killed = reason.is_some_and(|reason| reason == "killed");
                (cell.get_id(), if killed { End::Killed } else { End::Orderly })
            }
            SupervisionEvent::ActorFailed(cell, error) => (cell.get_id(), End::Failed(error)),
            SupervisionEvent::ActorStarted(_) | SupervisionEvent::ProcessGroupChanged(_) => {
                return Ok(());
            }
        };
        let Some(children) = running.role.children() else { return Ok(()) };
        let outcome = children.ended(&running.me, child, end);
        running.tell_changes(outcome).await?;
        running.go_on_leaving().await
    }

    async fn post_stop(
        &self,
        _myself: ActorRef<Self::Msg>,
        running: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        if let Some(children) = running.role.children() {
            children.end_before_failing().await;
        }
        Ok(())
    }
}

impl<R: Role> Running<R> {
    async fn take(&mut self, envelope: Envelope<R::Message>) -> Result<(), ActorProcessingErr> {
        match envelope {
            Envelope::Work(message) => {
                let meta = self.me.meta.clone();
                self.me.address().taken();
                let begun_us = meta.taken(message.kind());
                let outcome = caught(&self.me, self.role.handle(&self.me, message)).await;
                meta.handled(begun_us);
                self.or_fail(outcome).await
            }
            Envelope::Respawn(turn) if self.by.is_none() => {
                let Some(children) = self.role.children() else { return Ok(()) };
                let outcome = children.respawn(&self.me, turn).await;
                self.tell_changes(outcome).await
            }
            Envelope::Order(Order::Restart(name)) if self.by.is_none() => {
                let Some(children) = self.role.children() else { return Ok(()) };
                let changes = children.restart(&self.me, &name);
                self.tell_changes(Ok(changes)).await
            }
            Envelope::Order(Order::Crash) => {
                let outcome = caught(&self.me, ordered_to_crash()).await;
                self.or_fail(outcome).await
            }
            Envelope::Order(Order::Leave(by)) if self.by.is_none() => {
                self.by = Some(by);
                let patience = by.saturating_duration_since(clock::tick());
                self.me.address().tell_after(patience.saturating_sub(STEP), Envelope::Overdue);
                self.go_on_leaving().await
            }
            Envelope::Overdue => {
                if let Some(children) = self.role.children() {
                    children.kill_all();
                }
                self.me.end();
                Ok(())
            }
            Envelope::Respawn(_) | Envelope::Order(Order::Restart(_) | Order::Leave(_)) => Ok(()),
        }
    }

    async fn tell_changes(
        &mut self,
        outcome: Result<Vec<Change>, Fault>,
    ) -> Result<(), ActorProcessingErr> {
        let told = async {
            for change in outcome? {
                self.role.child_changed(&self.me, change).await?;
            }
            Ok(())
        };
        let outcome = caught(&self.me, told).await;
        self.or_fail(outcome).await
    }

    /// The leaves first: itself only when it has no children left.
    async fn go_on_leaving(&mut self) -> Result<(), ActorProcessingErr> {
        let Some(by) = self.by else { return Ok(()) };
        let (directory, earlier) = (self.me.directory(), by.checked_sub(STEP).unwrap_or(by));
        if self.role.children().is_some_and(|children| children.leave(directory, earlier)) {
            return Ok(());
        }
        let outcome = caught(&self.me, self.role.leave(&self.me)).await;
        if outcome == Ok(Leaving::Now) {
            // What its children have reported waits in its mailbox, and is not lost.
            return Ok(self.me.address().cell().drain()?);
        }
        self.or_fail(outcome.map(drop)).await
    }

    /// A failing actor takes its children with it, but tears nothing apart that can be finished in a moment.
    async fn or_fail(&mut self, outcome: Result<(), Failure>) -> Result<(), ActorProcessingErr> {
        let Err(failure) = outcome else { return Ok(()) };
        if let Some(children) = self.role.children() {
            children.end_before_failing().await;
        }
        Err(failure.into())
    }
}

/// Runs what may fail or panic, and gives its failure a number.
async fn caught<R: Role, T>(
    me: &Me<R>,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Failure> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(fault)) => Err(Failure::new(me.path(), fault.reason)),
        Err(words) => Err(Failure::of_panic(me.path(), words)),
    }
}

#[expect(clippy::panic, reason = "the fault injection of the supervision tests is a real panic")]
async fn ordered_to_crash() -> Result<(), Fault> {
    panic!("ordered to crash")
}
