//! The queue in front of the devices: no more chunks at once than there are slots, and short memos before long ones.

use super::board::PoolBoard;
use super::device::{DeviceActor, DeviceArgs, DeviceMsg, Order};
use super::line::Line;
use super::messages::{Outcome, PoolMsg, Task, Weights};
use crate::actors::supervise::{
    ActorSpec, Budget, Child, Decision, Ended, Fault, Me, Post, Restart, Role, spawn,
};
use crate::clock;
use crate::config::WhisperConfig;
use crate::domain::failure::Failure;
use crate::domain::ids::JobId;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Chunks that may wait; a job keeps only a few waiting, so this bounds the memory, not the work.
const WAITING_MAX: usize = 4_096;

pub struct PoolActor {
    args: PoolArgs,
    next: u64,
    waiting: Line<Task>,
    running: BTreeMap<u64, Task>,
    device: Option<Child<DeviceMsg>>,
    budget: Budget,
}

#[derive(Clone)]
pub struct PoolArgs {
    pub exe: PathBuf,
    pub config: WhisperConfig,
    pub slots: usize,
    pub post: Post<PoolMsg>,
    pub board: PoolBoard,
}

#[async_trait]
impl Role for PoolActor {
    type Args = PoolArgs;
    type Message = PoolMsg;
    const SPEC: ActorSpec =
        ActorSpec { kind: "whisper", intake: WAITING_MAX as i64, restart: Restart::permanent(10) };

    async fn start(me: &Me<Self>, args: Self::Args) -> Self {
        args.post.set(me.address().clone());
        // A device that cannot start is tried again like one that has failed.
        let _ = me.address().report(PoolMsg::RestartDevice);
        let budget = Budget::new(DeviceActor::SPEC.restart);
        let (waiting, running) = (Line::new(), BTreeMap::new());
        Self { args, next: 0, waiting, running, device: None, budget }
    }

    async fn handle(&mut self, me: &Me<Self>, message: PoolMsg) -> Result<(), Fault> {
        match message {
            PoolMsg::Warm(model) => self.warm(model),
            PoolMsg::Do(task) => self.take(task),
            PoolMsg::Abort(job) => self.abort(job),
            PoolMsg::Finished { id, outcome } => {
                if let Some(task) = self.running.remove(&id) {
                    task.reply.give(outcome);
                }
            }
            PoolMsg::RestartDevice => self.start_device(me).await?,
        }
        self.fill();
        self.show(me);
        Ok(())
    }

    async fn child_ended(&mut self, me: &Me<Self>, ended: Ended) -> Result<(), Fault> {
        if self.device.as_ref().is_none_or(|device| device.id() != ended.child) {
            return Ok(());
        }
        let reason = ended.failure.unwrap_or_else(|| "it ended".to_owned());
        if let Some(device) = self.device.take() {
            tracing::warn!(actor = device.path, reason, "device failed");
            me.directory().failed(&device.path, &reason);
        }
        // What ran there is no fault of the chunks: it goes back to the front, in its order.
        while let Some((_, task)) = self.running.pop_last() {
            self.waiting.push_front(task.lane, task);
        }
        self.restart_later(me, &reason)
    }
}

impl PoolActor {
    async fn start_device(&mut self, me: &Me<Self>) -> Result<(), Fault> {
        if self.device.is_some() {
            return Ok(());
        }
        let args = DeviceArgs {
            exe: self.args.exe.clone(),
            config: self.args.config.clone(),
            slots: self.args.slots,
            pool: me.address().clone(),
            board: self.args.board.clone(),
        };
        match spawn::<DeviceActor, _>(me, "device-0", args).await {
            Ok(device) => self.device = Some(device),
            Err(error) => self.restart_later(me, &error.reason)?,
        }
        Ok(())
    }

    fn restart_later(&mut self, me: &Me<Self>, reason: &str) -> Result<(), Fault> {
        match self.budget.failed(clock::tick()) {
            Decision::RestartAfter(wait) => {
                me.address().after(wait, || PoolMsg::RestartDevice);
                Ok(())
            }
            Decision::Spent => {
                Err(Fault { reason: format!("the device fails too often, last: {reason}") })
            }
        }
    }

    fn warm(&self, model: Weights) {
        if let Some(device) = &self.device {
            // Warming is a kindness: a busy device has its model, or gets it with the first chunk.
            let _ = device.address.send(DeviceMsg::Warm(model));
        }
    }

    fn take(&mut self, task: Task) {
        if self.waiting.len() < WAITING_MAX {
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
            if let Some(device) = &self.device {
                let _ = device.address.report(DeviceMsg::Cancel(id));
            }
        }
    }

    /// Gives the device what it has slots for. A chunk of another model, or a suspect one,
    /// waits until the device is empty.
    fn fill(&mut self) {
        let Some(device) = &self.device else { return };
        while self.running.len() < self.args.slots {
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
                model: task.model.clone(),
                sound: task.sound.clone(),
                what: task.what.clone(),
            };
            if device.address.send(DeviceMsg::Run(order)).is_err() {
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
