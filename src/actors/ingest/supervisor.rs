//! Hands files to decoders, never more at once than there are workers, and starts a failed decoder again.

use super::decoder::{DecoderActor, DecoderArgs};
use super::messages::{Asked, IngestMsg, Ticket};
use crate::actors::engine::PoolSize;
use crate::actors::supervise::{
    ActorSpec, Change, Children, Fault, Me, Post, Restart, Role, Spent, Strategy,
};
use crate::domain::failure::Failure;
use crate::domain::ids::JobId;
use crate::providers::audio::error::AudioError;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Uploads that may wait to be looked at; one more is refused as busy. The files of jobs are as many as the places that
/// their node has for jobs, and none of them is refused.
const LOOKS_MAX: usize = 64;

pub struct IngestActor {
    args: IngestArgs,
    next: u64,
    /// In the order of asking.
    tasks: BTreeMap<Ticket, Task>,
    children: Children,
}

#[derive(Clone)]
pub struct IngestArgs {
    pub exe: PathBuf,
    pub workers: PoolSize,
    pub post: Post<IngestMsg>,
}

struct Task {
    asked: Asked,
    /// Has a decoder, or will have it again in a moment. Others wait for their turn.
    is_running: bool,
}

#[async_trait]
impl Role for IngestActor {
    type Args = IngestArgs;
    type Message = IngestMsg;
    const SPEC: ActorSpec = ActorSpec::new("ingest", LOOKS_MAX as i64, Restart::permanent(10));

    async fn start(me: &Me<Self>, args: Self::Args) -> Result<Self, Fault> {
        args.post.set(me.address().clone());
        let children = Children::new(Strategy::OneForOne);
        Ok(Self { args, next: 0, tasks: BTreeMap::new(), children })
    }

    async fn handle(&mut self, me: &Me<Self>, message: IngestMsg) -> Result<(), Fault> {
        match message {
            IngestMsg::Decode(asked) => self.take(asked),
            // What waits is looked at below.
            IngestMsg::Resized => {}
            IngestMsg::Abort(job) => self.abort(me, job),
            IngestMsg::Finished(ticket, outcome) => {
                if let Some(Task { asked, .. }) = self.tasks.remove(&ticket) {
                    asked.reply.give(outcome.map_err(|error| to_failure(&error)));
                }
            }
        }
        self.fill(me);
        self.show(me);
        Ok(())
    }

    fn children(&mut self) -> Option<&mut Children> {
        Some(&mut self.children)
    }

    async fn child_changed(&mut self, me: &Me<Self>, change: Change) -> Result<(), Fault> {
        // An orderly end follows a report, which waits in the mailbox.
        if let Change::Gone { name: gone, failure: Some(failure) } = change {
            let found = self.tasks.keys().find(|ticket| name(**ticket) == gone).copied();
            if let Some(task) = found.and_then(|ticket| self.tasks.remove(&ticket)) {
                let message = format!("the decoder keeps failing: {}", failure.reason);
                task.asked.reply.give(Err(Failure::retry("decoder_failed", message, "")));
            }
        }
        self.fill(me);
        self.show(me);
        Ok(())
    }
}

impl IngestActor {
    fn take(&mut self, asked: Asked) {
        let is_look = |task: &&Task| task.asked.job.is_none();
        if asked.job.is_none() && self.tasks.values().filter(is_look).count() >= LOOKS_MAX {
            let hint = "wait for the files before it";
            asked.reply.give(Err(Failure::retry("busy", "too many files wait for a look", hint)));
            return;
        }
        self.next += 1;
        self.tasks.insert(Ticket(self.next), Task { asked, is_running: false });
    }

    fn abort(&mut self, me: &Me<Self>, job: JobId) {
        let of_job = |task: &Task| task.asked.job == Some(job);
        let tickets: Vec<Ticket> =
            self.tasks.iter().filter(|(_, task)| of_job(task)).map(|(ticket, _)| *ticket).collect();
        for ticket in tickets {
            self.tasks.remove(&ticket);
            self.children.remove(me, &name(ticket));
        }
    }

    /// A sender waits for the look at an upload: it never stands behind the decoding of a long memo.
    fn fill(&mut self, me: &Me<Self>) {
        for is_look in [true, false] {
            self.fill_kind(me, is_look);
        }
    }

    /// Starts decoders for the tasks that have waited longest.
    fn fill_kind(&mut self, me: &Me<Self>, is_look: bool) {
        let of_kind = |task: &Task| task.asked.job.is_none() == is_look;
        let running = self.tasks.values().filter(|task| of_kind(task) && task.is_running).count();
        let free = self.args.workers.get().saturating_sub(running);
        let waiting = self.tasks.iter_mut().filter(|(_, task)| of_kind(task) && !task.is_running);
        for (ticket, task) in waiting.take(free) {
            task.is_running = true;
            let (ticket, exe, ingest) = (*ticket, self.args.exe.clone(), me.address().clone());
            let (request, timeout) = (task.asked.request.clone(), task.asked.timeout);
            self.children.add::<DecoderActor, _>(me, &name(ticket), Spent::IsTold, move || {
                let (exe, request, ingest) = (exe.clone(), request.clone(), ingest.clone());
                DecoderArgs { ticket, exe, request, timeout, ingest }
            });
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
