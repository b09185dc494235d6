//! Hands files to decoders, never more at once than there are workers, and starts a failed decoder again.

use super::decoder::{DecoderActor, DecoderArgs, DecoderMsg};
use super::messages::{Asked, IngestMsg, Ticket};
use crate::actors::supervise::{
    ActorSpec, Budget, Child, Decision, Ended, Fault, Me, Post, Restart, Role, spawn,
};
use crate::clock;
use crate::domain::failure::Failure;
use crate::domain::ids::JobId;
use crate::providers::audio::error::AudioError;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Files that may wait for a decoder; one more is refused as busy.
const WAITING_MAX: usize = 64;

pub struct IngestActor {
    args: IngestArgs,
    next: u64,
    /// In the order of asking.
    tasks: BTreeMap<Ticket, Task>,
}

#[derive(Clone)]
pub struct IngestArgs {
    pub exe: PathBuf,
    pub workers: usize,
    pub post: Post<IngestMsg>,
}

struct Task {
    asked: Asked,
    budget: Budget,
    phase: Phase,
}

enum Phase {
    Waiting,
    Running(Child<DecoderMsg>),
    /// Its decoder failed, and is started again in a moment.
    Restarting,
}

#[async_trait]
impl Role for IngestActor {
    type Args = IngestArgs;
    type Message = IngestMsg;
    const SPEC: ActorSpec =
        ActorSpec { kind: "ingest", intake: WAITING_MAX as i64, restart: Restart::permanent(10) };

    async fn start(me: &Me<Self>, args: Self::Args) -> Self {
        args.post.set(me.address().clone());
        Self { args, next: 0, tasks: BTreeMap::new() }
    }

    async fn handle(&mut self, me: &Me<Self>, message: IngestMsg) -> Result<(), Fault> {
        match message {
            IngestMsg::Decode(asked) => self.take(asked),
            IngestMsg::Abort(job) => self.abort(me, job),
            IngestMsg::Finished(ticket, outcome) => {
                if let Some(Task { asked, phase, .. }) = self.tasks.remove(&ticket) {
                    if let Phase::Running(child) = phase {
                        me.directory().leave(&child.path);
                    }
                    asked.reply.give(outcome.map_err(|error| to_failure(&error)));
                }
            }
            IngestMsg::Restart(ticket) => {
                if let Some(task) = self.tasks.get_mut(&ticket) {
                    task.phase = Phase::Waiting;
                }
            }
        }
        self.fill(me).await;
        self.show(me);
        Ok(())
    }

    async fn child_ended(&mut self, me: &Me<Self>, ended: Ended) -> Result<(), Fault> {
        let running =
            |task: &Task| matches!(&task.phase, Phase::Running(child) if child.id() == ended.child);
        let found = self.tasks.iter().find(|(_, task)| running(task)).map(|(ticket, _)| *ticket);
        // An orderly end follows a report, which waits in the mailbox; one that was killed on purpose has no task.
        if let (Some(ticket), Some(reason)) = (found, ended.failure) {
            self.restart_later(me, ticket, &reason);
        }
        self.fill(me).await;
        self.show(me);
        Ok(())
    }
}

impl IngestActor {
    fn take(&mut self, asked: Asked) {
        if self.tasks.len() >= WAITING_MAX {
            let hint = "wait for the files before it";
            asked.reply.give(Err(Failure::retry("busy", "too many files wait for decoding", hint)));
            return;
        }
        self.next += 1;
        let budget = Budget::new(DecoderActor::SPEC.restart);
        let task = Task { asked, budget, phase: Phase::Waiting };
        self.tasks.insert(Ticket(self.next), task);
    }

    fn abort(&mut self, me: &Me<Self>, job: JobId) {
        let of_job = |task: &Task| task.asked.job == Some(job);
        let tickets: Vec<Ticket> =
            self.tasks.iter().filter(|(_, task)| of_job(task)).map(|(ticket, _)| *ticket).collect();
        tickets.into_iter().for_each(|ticket| self.drop_task(me, ticket));
    }

    fn drop_task(&mut self, me: &Me<Self>, ticket: Ticket) {
        if let Some(Task { phase: Phase::Running(child), .. }) = self.tasks.remove(&ticket) {
            child.kill();
            me.directory().leave(&child.path);
        }
    }

    fn restart_later(&mut self, me: &Me<Self>, ticket: Ticket, reason: &str) {
        let Some(task) = self.tasks.get_mut(&ticket) else { return };
        if let Phase::Running(child) = std::mem::replace(&mut task.phase, Phase::Restarting) {
            tracing::warn!(actor = child.path, reason, "decoder failed");
            me.directory().failed(&child.path, reason);
        }
        match task.budget.failed(clock::tick()) {
            Decision::RestartAfter(wait) => {
                me.address().after(wait, move || IngestMsg::Restart(ticket));
            }
            Decision::Spent => {
                if let Some(task) = self.tasks.remove(&ticket) {
                    let message = format!("the decoder keeps failing: {reason}");
                    task.asked.reply.give(Err(Failure::retry("decoder_failed", message, "")));
                }
                me.directory().leave(&format!("{}/{}", me.path(), name(ticket)));
            }
        }
    }

    /// A sender waits for the look at an upload: it never stands behind the decoding of a long memo.
    async fn fill(&mut self, me: &Me<Self>) {
        for is_look in [true, false] {
            self.fill_kind(me, is_look).await;
        }
    }

    /// Starts decoders for the tasks that have waited longest.
    async fn fill_kind(&mut self, me: &Me<Self>, is_look: bool) {
        let of_kind = |task: &Task| task.asked.job.is_none() == is_look;
        let is_running = |task: &&Task| of_kind(task) && matches!(task.phase, Phase::Running(_));
        let running = self.tasks.values().filter(is_running).count();
        let free = self.args.workers.saturating_sub(running);
        let is_waiting = |task: &Task| of_kind(task) && matches!(task.phase, Phase::Waiting);
        let waiting = self.tasks.iter_mut().filter(|(_, task)| is_waiting(task));
        for (ticket, task) in waiting.take(free) {
            let args = DecoderArgs {
                ticket: *ticket,
                exe: self.args.exe.clone(),
                request: task.asked.request.clone(),
                timeout: task.asked.timeout,
                ingest: me.address().clone(),
            };
            match spawn::<DecoderActor, _>(me, &name(*ticket), args).await {
                Ok(child) => task.phase = Phase::Running(child),
                Err(error) => {
                    tracing::error!(%error, "cannot start a decoder");
                    let ticket = *ticket;
                    me.address()
                        .after(Duration::from_millis(500), move || IngestMsg::Restart(ticket));
                    task.phase = Phase::Restarting;
                }
            }
        }
    }

    fn show(&self, me: &Me<Self>) {
        let state = if self.tasks.is_empty() { "idle" } else { "decoding" };
        me.show(state, Some(format!("{} files", self.tasks.len())).filter(|_| state != "idle"));
    }
}

fn name(ticket: Ticket) -> String {
    format!("decoder-{}", ticket.0)
}

fn to_failure(error: &AudioError) -> Failure {
    let told = error.to_failure();
    let make = if told.retryable { Failure::retry } else { Failure::give_up };
    make(told.code.as_str(), told.message, &told.hint)
}
