//! One processor set: owns one worker process with one loaded model, starts it, feeds it, buries it.

use super::board::{Loaded, PoolBoard};
use super::messages::{Heard, Outcome, Partial, PoolMsg, Sound, Weights, What};
use crate::actors::engine::PoolSize;
use crate::actors::supervise::{ActorSpec, Address, Fault, Limits, Me, Post, Restart, Role};
use crate::config::WhisperConfig;
use crate::domain::failure::Failure;
use crate::domain::ids::JobId;
use crate::providers::whisper::child::{self, WhisperChild};
use crate::providers::whisper::error::WhisperError;
use crate::providers::whisper::protocol::{
    ChunkRequest, DetectRequest, FromWorker, Hello, ToWorker, VERSION, receive, send,
};
use crate::telemetry::chain;
use async_trait::async_trait;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::time::Duration;
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::sync::broadcast;
use tokio::task::JoinSet;

/// A chunk of half a minute, on a machine that is slow and busy.
const INFERENCE: Limits = Limits::ORDINARY.work(Duration::from_secs(1_800));

/// whisper.cpp looks whether to stop between two of its steps, and its first one takes seconds with a large model.
const ABORT_PATIENCE: Duration = Duration::from_millis(500);

pub struct DeviceActor {
    args: DeviceArgs,
    worker: Worker,
    orders: HashMap<u64, Order>,
    /// Those of the orders that the process has been told to stop.
    cancelled: BTreeSet<u64>,
    /// Tells a message of the present process from one of its predecessor.
    generation: u64,
    /// The pipe reader of the present process; aborted with this actor.
    tasks: JoinSet<()>,
    /// Counts pieces of work, so that a late "idle?" is known as late.
    worked: u64,
}

pub struct DeviceArgs {
    pub exe: PathBuf,
    pub config: WhisperConfig,
    pub slots: PoolSize,
    pub pool: Address<PoolMsg>,
    pub board: PoolBoard,
    pub partials: broadcast::Sender<Partial>,
    pub post: Post<DeviceMsg>,
}

#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum DeviceMsg {
    Warm(Weights),
    Run(Order),
    Cancel(u64),
    StillThere(u64),
    Started(u64, Box<Result<WhisperChild, WhisperError>>),
    Said(u64, FromWorker),
    /// The process has closed its pipe.
    Ended(u64),
    Overdue(u64),
    StillIdle(u64),
    Resized,
}

#[derive(Debug, Clone)]
pub struct Order {
    pub id: u64,
    pub job: JobId,
    pub model: Weights,
    pub sound: Sound,
    pub what: What,
}

enum Worker {
    None,
    Starting { model: Weights, slots: usize },
    Ready { model: Weights, process: Box<Child>, input: ChildStdin, slots: usize },
}

#[async_trait]
impl Role for DeviceActor {
    type Args = DeviceArgs;
    type Message = DeviceMsg;
    const SPEC: ActorSpec = ActorSpec::new("device", 512, Restart::permanent(10)).limits(INFERENCE);

    async fn start(me: &Me<Self>, args: Self::Args) -> Result<Self, Fault> {
        me.show("no model", None);
        args.board.load(None);
        args.post.set(me.address().clone());
        let (worker, orders, tasks) = (Worker::None, HashMap::new(), JoinSet::new());
        let cancelled = BTreeSet::new();
        Ok(Self { args, worker, orders, cancelled, generation: 0, tasks, worked: 0 })
    }

    async fn handle(&mut self, me: &Me<Self>, message: DeviceMsg) -> Result<(), Fault> {
        match message {
            DeviceMsg::Warm(model) => {
                if matches!(self.worker, Worker::None) {
                    self.load(me, model);
                    self.rest_later(me);
                }
            }
            DeviceMsg::Run(order) => self.run(me, order).await,
            DeviceMsg::Cancel(id) => self.cancel(me, id).await,
            // A process that has nothing else to do can as well be ended.
            DeviceMsg::StillThere(id)
                if self.cancelled.contains(&id) && self.cancelled.len() == self.orders.len() =>
            {
                self.clear();
            }
            DeviceMsg::Started(generation, outcome) if generation == self.generation => {
                self.started(me, *outcome).await;
            }
            DeviceMsg::Said(generation, message) if generation == self.generation => {
                self.said(me, message);
            }
            DeviceMsg::Ended(generation) if generation == self.generation => self.bury(me),
            DeviceMsg::Overdue(id) if self.orders.contains_key(&id) => {
                tracing::warn!(id, "a chunk takes too long, its worker is ended");
                self.bury(me);
            }
            DeviceMsg::StillIdle(worked) if worked == self.worked && self.orders.is_empty() => {
                self.unload();
            }
            DeviceMsg::Started(..)
            | DeviceMsg::Said(..)
            | DeviceMsg::Ended(_)
            | DeviceMsg::Overdue(_)
            | DeviceMsg::StillIdle(_)
            | DeviceMsg::StillThere(_)
            | DeviceMsg::Resized => {}
        }
        if self.orders.is_empty() {
            me.no_work();
            self.make_way();
        }
        self.show(me);
        Ok(())
    }
}

impl DeviceActor {
    async fn run(&mut self, me: &Me<Self>, order: Order) {
        self.worked += 1;
        me.pulse().beat();
        let id = order.id;
        me.address().after(self.args.config.chunk_timeout(), move || DeviceMsg::Overdue(id));
        let wanted = order.model.clone();
        self.orders.insert(id, order);
        match &self.worker {
            Worker::Ready { model, .. } if *model == wanted => self.feed(me, id).await,
            Worker::Starting { model, .. } if *model == wanted => {}
            // The pool gives a chunk of another model only to an empty device.
            _ => self.load(me, wanted),
        }
    }

    fn show(&self, me: &Me<Self>) {
        let (state, model) = match &self.worker {
            Worker::None => return me.show("no model", None),
            Worker::Starting { model, .. } => ("loading model", model),
            Worker::Ready { model, .. } => ("ready", model),
        };
        let mut current = file_name(&model.path);
        if !self.orders.is_empty() {
            let of = self.orders.values().map(|order| order.job.tail()).collect::<BTreeSet<_>>();
            let of = of.into_iter().collect::<Vec<_>>().join(", ");
            current = format!("{current} · {} chunks of {of}", self.orders.len());
        }
        me.show(state, Some(current));
    }

    /// Starts a process in place of the present one. The wait for its model is not ours.
    fn load(&mut self, me: &Me<Self>, model: Weights) {
        self.clear();
        let slots = self.args.slots.get();
        let hello = Hello {
            version: VERSION,
            model: model.path.clone(),
            slots,
            nice: self.args.config.nice,
        };
        let (generation, address) = (self.generation, me.address().clone());
        let (exe, patience) = (self.args.exe.clone(), self.args.config.load_timeout());
        self.tasks.spawn(async move {
            let outcome = Box::new(child::start(&exe, hello, patience).await);
            // A device that is gone needs no process: dropping the outcome ends it.
            let _ = address.report(DeviceMsg::Started(generation, outcome));
        });
        self.worker = Worker::Starting { model, slots };
    }

    async fn started(&mut self, me: &Me<Self>, outcome: Result<WhisperChild, WhisperError>) {
        let Worker::Starting { model, slots } = std::mem::replace(&mut self.worker, Worker::None)
        else {
            return;
        };
        match outcome {
            Ok(WhisperChild { process, input, output, load_ms }) => {
                tracing::info!(model = file_name(&model.path), load_ms, "model loaded");
                let loaded = Loaded { model: model.path.clone(), process: process.id(), slots };
                self.args.board.load(Some(loaded));
                self.worker = Worker::Ready { model, process: Box::new(process), input, slots };
                let (generation, address) = (self.generation, me.address().clone());
                self.tasks.spawn(listen(output, generation, address));
                let ids: Vec<u64> = self.orders.keys().copied().collect();
                for id in ids {
                    self.feed(me, id).await;
                }
            }
            Err(error) => {
                tracing::warn!(error = chain(&error), "cannot load a model");
                let ids: Vec<u64> = self.orders.keys().copied().collect();
                for id in ids {
                    self.finish(me, id, Outcome::Failed(error.to_failure()));
                }
            }
        }
    }

    async fn feed(&mut self, me: &Me<Self>, id: u64) {
        let (Worker::Ready { input, .. }, Some(order)) = (&mut self.worker, self.orders.get(&id))
        else {
            return;
        };
        if let Err(error) = send(input, &order.to_message()).await {
            tracing::debug!(%error, "the worker does not listen");
            self.bury(me);
        }
    }

    async fn cancel(&mut self, me: &Me<Self>, id: u64) {
        if let (Worker::Ready { input, .. }, Some(_)) = (&mut self.worker, self.orders.get(&id)) {
            // A broken pipe shows as the end of the process, which is told by its reader.
            let _ = send(input, &ToWorker::Cancel { id }).await;
            self.cancelled.insert(id);
            me.address().after(ABORT_PATIENCE, move || DeviceMsg::StillThere(id));
        } else {
            self.orders.remove(&id);
        }
    }

    fn said(&mut self, me: &Me<Self>, message: FromWorker) {
        me.pulse().beat();
        match message {
            FromWorker::Partial { id, text } => {
                if let Some(order) = self.orders.get(&id) {
                    let (job, range) = (order.job, order.sound.range);
                    // Nobody may be listening.
                    let _ = self.args.partials.send(Partial { job, range, text: text.into() });
                }
            }
            FromWorker::Heard { id, chunk } => {
                self.finish(me, id, Outcome::Heard(Heard::Text(chunk)));
            }
            FromWorker::Detected { id, language, cpu_ms } => {
                let heard = Heard::Language { code: language, cpu_ms };
                self.finish(me, id, Outcome::Heard(heard));
            }
            FromWorker::Refused { id, message } => {
                let why = Failure::retry("whisper_refused", message, "");
                self.finish(me, id, Outcome::Failed(why));
            }
            FromWorker::Cancelled { id } => {
                self.forget(id);
                self.rest_later(me);
            }
            FromWorker::Ready { .. } | FromWorker::Broken { .. } => {}
        }
    }

    fn forget(&mut self, id: u64) {
        self.orders.remove(&id);
        self.cancelled.remove(&id);
    }

    fn finish(&mut self, me: &Me<Self>, id: u64, outcome: Outcome) {
        self.forget(id);
        // A pool that is gone has told all its askers that their answers are lost.
        let _ = self.args.pool.report(PoolMsg::Finished { id, outcome });
        self.rest_later(me);
    }

    /// The process is dead, or to be ended: what it worked on learns that it died.
    fn bury(&mut self, me: &Me<Self>) {
        self.clear();
        let ids: Vec<u64> = self.orders.drain().map(|(id, _)| id).collect();
        for id in ids {
            self.finish(me, id, Outcome::Died);
        }
    }

    fn unload(&mut self) {
        if !matches!(self.worker, Worker::None) {
            tracing::info!("the model is unloaded");
            self.clear();
        }
    }

    /// A process with fewer slots than are wanted now is replaced with the next chunk.
    fn make_way(&mut self) {
        if matches!(&self.worker, Worker::Ready { slots, .. } if *slots < self.args.slots.get()) {
            self.unload();
        }
    }

    /// Dropping process and pipes kills it; a new generation makes its last words late. Nobody waits for what was
    /// cancelled.
    fn clear(&mut self) {
        self.generation += 1;
        let cancelled = std::mem::take(&mut self.cancelled);
        self.orders.retain(|id, _| !cancelled.contains(id));
        self.tasks.abort_all();
        self.args.board.load(None);
        if let Worker::Ready { mut process, .. } = std::mem::replace(&mut self.worker, Worker::None)
        {
            let _ = process.start_kill();
        }
    }

    fn rest_later(&mut self, me: &Me<Self>) {
        if self.orders.is_empty() {
            let worked = self.worked;
            me.address()
                .after(self.args.config.idle_unload(), move || DeviceMsg::StillIdle(worked));
        }
    }
}

/// Passes on what the process says, until it closes its pipe.
async fn listen(
    mut output: tokio::io::BufReader<ChildStdout>,
    generation: u64,
    device: Address<DeviceMsg>,
) {
    loop {
        let message = match receive::<FromWorker>(&mut output).await {
            Ok(Some(partial @ FromWorker::Partial { .. })) => {
                // A device that has more to do than this has better things to do.
                let _ = device.send(DeviceMsg::Said(generation, partial));
                continue;
            }
            Ok(Some(message)) => DeviceMsg::Said(generation, message),
            Ok(None) => DeviceMsg::Ended(generation),
            Err(error) => {
                tracing::warn!(%error, "the worker spoke nonsense");
                DeviceMsg::Ended(generation)
            }
        };
        let over = matches!(message, DeviceMsg::Ended(_));
        if device.report(message).is_err() || over {
            return;
        }
    }
}

impl Order {
    fn to_message(&self) -> ToWorker {
        let Self { id, sound: Sound { pcm, range }, .. } = self.clone();
        match self.what.clone() {
            What::Detect { among } => ToWorker::Detect(DetectRequest { id, pcm, range, among }),
            What::Transcribe { language, task, word_timestamps, prompt, temperature, tokens } => {
                ToWorker::Transcribe(ChunkRequest {
                    id,
                    pcm,
                    range,
                    language,
                    task,
                    word_timestamps,
                    prompt,
                    temperature,
                    tokens,
                })
            }
        }
    }
}

fn file_name(path: &std::path::Path) -> String {
    path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
