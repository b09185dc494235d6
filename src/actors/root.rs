//! The top of the tree: starts the rooms, starts a failed one again, and ends the node when that does not help.

use super::ingest::{IngestActor, IngestArgs, IngestMsg};
use super::janitor::{JanitorActor, JanitorArgs, JanitorMsg};
use super::jobs::{JobsActor, JobsArgs, JobsMsg};
use super::llm::{LlmMsg, RouterActor, RouterArgs};
use super::pulls::{PullsActor, PullsArgs, PullsMsg};
use super::supervise::{
    ActorSpec, Budget, Child, Decision, Ended, Fault, Me, Restart, Role, spawn,
};
use super::whisper::{PoolActor, PoolArgs, PoolMsg};
use crate::actors::engine::Shared;
use crate::clock;
use async_trait::async_trait;
use ractor::ActorId;
use std::sync::Arc;
use tokio::sync::watch;

pub struct RootActor {
    shared: Arc<Shared>,
    ingest: Room<IngestMsg>,
    whisper: Room<PoolMsg>,
    llm: Room<LlmMsg>,
    pulls: Room<PullsMsg>,
    jobs: Room<JobsMsg>,
    janitor: Room<JanitorMsg>,
    _alarm: Alarm,
}

pub struct RootArgs {
    pub shared: Arc<Shared>,
    pub alarm: watch::Sender<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomName {
    Ingest,
    Whisper,
    Llm,
    Pulls,
    Jobs,
    Janitor,
}

impl RoomName {
    const ALL: [Self; 6] =
        [Self::Ingest, Self::Whisper, Self::Llm, Self::Pulls, Self::Jobs, Self::Janitor];
}

pub enum RootMsg {
    Start(RoomName),
}

/// Raised when the root ends, whatever ends it: the node cannot work without it.
struct Alarm(watch::Sender<bool>);

impl Drop for Alarm {
    fn drop(&mut self) {
        self.0.send_replace(true);
    }
}

struct Room<M> {
    child: Option<Child<M>>,
    budget: Budget,
}

impl<M: Send + 'static> Room<M> {
    fn new(restart: Restart) -> Self {
        Self { child: None, budget: Budget::new(restart) }
    }

    fn is(&self, id: ActorId) -> bool {
        self.child.as_ref().is_some_and(|child| child.id() == id)
    }

    /// Forgets the failed child, and decides when there is another.
    fn failed(&mut self, me: &Me<RootActor>, reason: &str) -> Decision {
        if let Some(child) = self.child.take() {
            tracing::warn!(actor = child.path, reason, "room failed");
            me.directory().failed(&child.path, reason);
        }
        self.budget.failed(clock::tick())
    }
}

#[async_trait]
impl Role for RootActor {
    type Args = RootArgs;
    type Message = RootMsg;
    const SPEC: ActorSpec = ActorSpec { kind: "root", intake: 16, restart: Restart::permanent(0) };

    async fn start(me: &Me<Self>, RootArgs { shared, alarm }: Self::Args) -> Self {
        // In the order in which they ask each other. An actor that is starting can always be sent to.
        for room in RoomName::ALL {
            let _ = me.address().report(RootMsg::Start(room));
        }
        me.show("running", None);
        Self {
            shared,
            ingest: Room::new(IngestActor::SPEC.restart),
            whisper: Room::new(PoolActor::SPEC.restart),
            llm: Room::new(RouterActor::SPEC.restart),
            pulls: Room::new(PullsActor::SPEC.restart),
            jobs: Room::new(JobsActor::SPEC.restart),
            janitor: Room::new(JanitorActor::SPEC.restart),
            _alarm: Alarm(alarm),
        }
    }

    async fn handle(&mut self, me: &Me<Self>, RootMsg::Start(room): RootMsg) -> Result<(), Fault> {
        match self.open(me, room).await {
            Ok(()) => Ok(()),
            Err(fault) => self.again(me, room, &fault.reason),
        }
    }

    async fn child_ended(&mut self, me: &Me<Self>, ended: Ended) -> Result<(), Fault> {
        let room = match ended.child {
            id if self.ingest.is(id) => RoomName::Ingest,
            id if self.whisper.is(id) => RoomName::Whisper,
            id if self.llm.is(id) => RoomName::Llm,
            id if self.pulls.is(id) => RoomName::Pulls,
            id if self.jobs.is(id) => RoomName::Jobs,
            id if self.janitor.is(id) => RoomName::Janitor,
            _ => return Ok(()),
        };
        self.again(me, room, ended.failure.as_deref().unwrap_or("it ended"))
    }
}

impl RootActor {
    async fn open(&mut self, me: &Me<Self>, room: RoomName) -> Result<(), Fault> {
        let shared = &self.shared;
        match room {
            RoomName::Ingest => {
                let args = IngestArgs {
                    exe: shared.exe.clone(),
                    workers: shared.config.audio.workers(shared.processors),
                    post: shared.ingest.clone(),
                };
                self.ingest.child = Some(spawn::<IngestActor, _>(me, "ingest", args).await?);
            }
            RoomName::Whisper => {
                let args = PoolArgs {
                    exe: shared.exe.clone(),
                    config: shared.config.whisper.clone(),
                    slots: shared.slots,
                    post: shared.whisper.clone(),
                    board: shared.pool.clone(),
                };
                self.whisper.child = Some(spawn::<PoolActor, _>(me, "whisper", args).await?);
            }
            RoomName::Llm => {
                let args = RouterArgs { shared: shared.clone() };
                self.llm.child = Some(spawn::<RouterActor, _>(me, "llm", args).await?);
            }
            RoomName::Pulls => {
                let args = PullsArgs {
                    board: shared.wanted.clone(),
                    library: shared.library.clone(),
                    post: shared.pulls.clone(),
                };
                self.pulls.child = Some(spawn::<PullsActor, _>(me, "pulls", args).await?);
            }
            RoomName::Jobs => {
                let args = JobsArgs { shared: shared.clone() };
                self.jobs.child = Some(spawn::<JobsActor, _>(me, "jobs", args).await?);
            }
            RoomName::Janitor => {
                let args = JanitorArgs { shared: shared.clone() };
                self.janitor.child = Some(spawn::<JanitorActor, _>(me, "janitor", args).await?);
            }
        }
        Ok(())
    }

    fn again(&mut self, me: &Me<Self>, room: RoomName, reason: &str) -> Result<(), Fault> {
        let decision = match room {
            RoomName::Ingest => self.ingest.failed(me, reason),
            RoomName::Whisper => self.whisper.failed(me, reason),
            RoomName::Llm => self.llm.failed(me, reason),
            RoomName::Pulls => self.pulls.failed(me, reason),
            RoomName::Jobs => self.jobs.failed(me, reason),
            RoomName::Janitor => self.janitor.failed(me, reason),
        };
        match decision {
            Decision::RestartAfter(wait) => {
                me.address().after(wait, move || RootMsg::Start(room));
                Ok(())
            }
            Decision::Spent => {
                Err(Fault { reason: format!("{room:?} fails too often, last: {reason}") })
            }
        }
    }
}
