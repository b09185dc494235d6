//! The top of the tree: the table of rooms. When a room cannot be kept alive, the node stops taking work.

use super::cluster::{LeaseActor, LeaseArgs};
use super::engine::{Gate, Shared};
use super::ingest::{IngestActor, IngestArgs};
use super::janitor::{JanitorActor, JanitorArgs};
use super::jobs::{JobsActor, JobsArgs};
use super::llm::{RouterActor, RouterArgs};
use super::pulls::{PullsActor, PullsArgs};
use super::supervise::{
    ActorSpec, Change, Children, Fault, Me, Restart, Role, Spent, Strategy, WatchdogActor,
    WatchdogArgs,
};
use super::whisper::{PoolActor, PoolArgs};
use super::writer::{CheckpointerActor, CheckpointerArgs, WriterActor, WriterArgs};
use async_trait::async_trait;
use std::sync::Arc;

pub struct RootActor {
    rooms: Children,
    alarm: Alarm,
}

/// Nobody has anything to ask of the root: it only has its children.
#[derive(strum::IntoStaticStr)]
pub enum RootMsg {}

/// Raised when a room is lost, and when the root ends, whatever ends it: the node cannot work without it.
struct Alarm(Arc<Shared>);

impl Alarm {
    fn raise(&self) {
        self.0.gate.send_replace(Gate::Broken);
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.raise();
    }
}

#[async_trait]
impl Role for RootActor {
    type Args = Arc<Shared>;
    type Message = RootMsg;
    const SPEC: ActorSpec = ActorSpec::new("root", 16, Restart::permanent(0));

    async fn start(me: &Me<Self>, shared: Self::Args) -> Result<Self, Fault> {
        me.show("running", None);
        Ok(Self { rooms: rooms(me, &shared), alarm: Alarm(shared) })
    }

    async fn handle(&mut self, _me: &Me<Self>, message: RootMsg) -> Result<(), Fault> {
        match message {}
    }

    fn children(&mut self) -> Option<&mut Children> {
        Some(&mut self.rooms)
    }

    /// A room that keeps failing takes nobody with it: the others finish what they are doing while the node drains.
    async fn child_changed(&mut self, me: &Me<Self>, change: Change) -> Result<(), Fault> {
        if let Change::Gone { name, failure: Some(why) } = change {
            tracing::error!(room = name, failure = why.id, "a room is lost, the node ends");
            me.show("broken", Some(name));
            self.alarm.raise();
        }
        Ok(())
    }
}

/// In the order in which they ask each other; each works for those after it, and leaves after them.
fn rooms(me: &Me<RootActor>, shared: &Arc<Shared>) -> Children {
    let mut rooms = Children::new(Strategy::OneForOne);
    let supervision = &shared.config.supervision;
    let (every, percent) = (supervision.watchdog(), supervision.patience_percent);
    let args = WatchdogArgs { every, percent };
    rooms.add::<WatchdogActor, _>(me, "watchdog", Spent::IsTold, move || args);
    if shared.store.is_shared() {
        let args = LeaseArgs { shared: shared.clone() };
        rooms.add::<LeaseActor, _>(me, "cluster", Spent::IsTold, move || args.clone());
    } else {
        let args = CheckpointerArgs { shared: shared.clone() };
        rooms.add::<CheckpointerActor, _>(me, "checkpointer", Spent::IsTold, move || args.clone());
    }
    let args = WriterArgs { shared: shared.clone() };
    rooms.add::<WriterActor, _>(me, "writer", Spent::IsTold, move || args.clone());
    let args = IngestArgs {
        exe: shared.exe.clone(),
        workers: shared.workers.clone(),
        post: shared.ingest.clone(),
    };
    rooms.add::<IngestActor, _>(me, "ingest", Spent::IsTold, move || args.clone());
    let args = PoolArgs {
        exe: shared.exe.clone(),
        config: shared.config.whisper.clone(),
        slots: shared.slots.clone(),
        post: shared.whisper.clone(),
        board: shared.pool.clone(),
        partials: shared.partials.clone(),
    };
    rooms.add::<PoolActor, _>(me, "whisper", Spent::IsTold, move || args.clone());
    let args = RouterArgs { shared: shared.clone() };
    rooms.add::<RouterActor, _>(me, "llm", Spent::IsTold, move || args.clone());
    let args = PullsArgs {
        board: shared.wanted.clone(),
        library: shared.library.clone(),
        post: shared.pulls.clone(),
    };
    rooms.add::<PullsActor, _>(me, "pulls", Spent::IsTold, move || args.clone());
    let args = JobsArgs { shared: shared.clone() };
    rooms.add::<JobsActor, _>(me, "jobs", Spent::IsTold, move || args.clone());
    let args = JanitorArgs { shared: shared.clone() };
    rooms.add::<JanitorActor, _>(me, "janitor", Spent::IsTold, move || args.clone());
    rooms
}
