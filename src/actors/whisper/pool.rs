//! The queue in front of the devices: no more chunks at once than there are slots, and short memos before long ones.

use super::board::PoolBoard;
use super::device::{DeviceActor, DeviceArgs, DeviceMsg, Order};
use super::line::Line;
use super::messages::{Outcome, Partial, PoolMsg, Task, Weights};
use crate::actors::engine::PoolSize;
use crate::actors::supervise::{
    ActorSpec, Change, Children, Fault, Me, Post, Restart, Role, Spent, Strategy,
};
use crate::config::WhisperConfig;
use crate::domain::failure::Failure;
use crate::domain::ids::JobId;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio::sync::broadcast;

/// Chunks that may wait; a job keeps only a few waiting, so this bounds the memory, not the work.
const WAITING_MAX: usize = 4_096;

pub struct PoolActor {
    args: PoolArgs,
    next: u64,
    waiting: Line<Task>,
    running: BTreeMap<u64, Task>,
    device: Post<DeviceMsg>,
    children: Children,
}

#[derive(Clone)]
pub struct PoolArgs {
    pub exe: PathBuf,
    pub config: WhisperConfig,
    pub slots: PoolSize,
    pub post: Post<PoolMsg>,
    pub board: PoolBoard,
    pub partials: broadcast::Sender<Partial>,
}

#[async_trait]
impl Role for PoolActor {
    type Args = PoolArgs;
    type Message = PoolMsg;
    const SPEC: ActorSpec = ActorSpec::new("whisper", WAITING_MAX as i64, Restart::permanent(10));

    async fn start(me: &Me<Self>, args: Self::Args) -> Result<Self, Fault> {
        args.post.set(me.address().clone());
        let device = Post::default();
        let (from, pool, post) = (args.clone(), me.address().clone(), device.clone());
        let mut children = Children::new(Strategy::OneForOne);
        children.add::<DeviceActor, _>(me, "device-0", Spent::Escalates, move || DeviceArgs {
            exe: from.exe.clone(),
            config: from.config.clone(),
            slots: from.slots.clone(),
            pool: pool.clone(),
            board: from.board.clone(),
            partials: from.partials.clone(),
            post: post.clone(),
        });
        let (waiting, running) = (Line::new(), BTreeMap::new());
        Ok(Self { args, next: 0, waiting, running, device, children })
    }

    async fn handle(&mut self, me: &Me<Self>, message: PoolMsg) -> Result<(), Fault> {
        match message {
            PoolMsg::Warm(model) => self.warm(model),
            PoolMsg::Do(task) => self.take(task),
            PoolMsg::Abort(job) => self.abort(job),
            // A process with too few slots makes way for another as soon as it has nothing to do.
            PoolMsg::Resized => drop(self.device.report(DeviceMsg::Resized)),
            PoolMsg::Withdraw(job) => self.waiting.retain(|task| task.job != job),
            PoolMsg::Finished { id, outcome } => {
                if let Some(task) = self.running.remove(&id) {
                    task.reply.give(outcome);
                }
            }
        }
        self.fill();
        self.show(me);
        Ok(())
    }

    fn children(&mut self) -> Option<&mut Children> {
        Some(&mut self.children)
    }

    async fn child_changed(&mut self, me: &Me<Self>, change: Change) -> Result<(), Fault> {
        if let Change::Down { .. } = change {
            // What ran there is no fault of the chunks: it goes back to the front, in its order.
            while let Some((_, task)) = self.running.pop_last() {
                self.waiting.push_front(task.lane, task);
            }
        }
        self.fill();
        self.show(me);
        Ok(())
    }
}

impl PoolActor {
    fn warm(&self, model: Weights) {
        // Warming is a kindness: a busy device has its model, or gets it with the first chunk.
        let _ = self.device.send(DeviceMsg::Warm(model));
    }

    fn take(&mut self, task: Task) {
        let has_none = || !self.waiting.iter().any(|waiting| waiting.job == task.job);
        if self.waiting.len() < WAITING_MAX || has_none() {
            self.waiting.push(task.lane, task);
        } else {
            let busy = Failure::retry("busy", "too many chunks wait for Whisper", "");
            task.reply.give(Outcome::Failed(busy));
        }
    }

    fn abort(&mut self, job: JobId) {
        self.waiting.retain(|task| task.job != job);
        let ids: Vec<u64> =
            self.running.iter().filter(|(_, t)| t.job == job).map(|(id, _)| *id).collect();
        for id in ids {
            self.running.remove(&id);
            // A device that is gone has nothing under way.
            let _ = self.device.report(DeviceMsg::Cancel(id));
        }
    }

    /// Gives the device what it has slots for. A chunk of another model, or a suspect one, waits until the device is
    /// empty; so do all of them where a process with more slots is wanted.
    fn fill(&mut self) {
        let most = self.args.slots.get();
        if !self.running.is_empty() && self.args.board.loaded().is_some_and(|it| it.slots < most) {
            return;
        }
        while self.running.len() < most {
            let Some(task) = self.waiting.peek() else { return };
            let apart =
                |running: &Task| running.model != task.model || running.suspect || task.suspect;
            if self.running.values().any(apart) {
                return;
            }
            self.next += 1;
            let id = self.next;
            let order = Order {
                id,
                job: task.job,
                model: task.model.clone(),
                sound: task.sound.clone(),
                what: task.what.clone(),
            };
            if self.device.send(DeviceMsg::Run(order)).is_err() {
                return;
            }
            if let Some(task) = self.waiting.pop() {
                self.running.insert(id, task);
            }
        }
    }

    fn show(&self, me: &Me<Self>) {
        let (running, waiting) = (self.running.len(), self.waiting.len());
        self.args.board.count(running, waiting);
        let state = if running + waiting == 0 { "idle" } else { "transcribing" };
        let current = format!("{running} running, {waiting} waiting");
        me.show(state, Some(current).filter(|_| state != "idle"));
    }
}
