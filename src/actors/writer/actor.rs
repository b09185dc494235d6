//! Takes what waits in its mailbox, and makes one commit of it.

use super::claim::claim;
use super::messages::{CheckpointerMsg, WriterMsg};
use crate::actors::engine::{Reserved, Shared, Tries};
use crate::actors::jobs::JobsMsg;
use crate::actors::supervise::{ActorSpec, Fault, Leaving, Me, Reply, Restart, Role};
use crate::clock;
use crate::domain::job::Job;
use crate::store::StoreError;
use crate::store::arrivals::{self, Arrival, Arrived};
use crate::store::transitions::{self, Transition};
use crate::telemetry::chain;
use async_trait::async_trait;
use std::sync::Arc;

/// Writes in one commit. More would keep the first of them waiting for the last.
const MOST: usize = 256;
/// Commits after which the write-ahead log is emptied, before one of them would have to.
const CHECKPOINT_EVERY: u32 = 8;

pub struct WriterActor {
    shared: Arc<Shared>,
    steps: Vec<Owed<Transition, Job>>,
    arrivals: Vec<Owed<Arrival, Arrived>>,
    /// Whether to claim even where nothing else is to be written.
    is_asked: bool,
    /// Since the log was last to be emptied.
    commits: u32,
}

#[derive(Clone)]
pub struct WriterArgs {
    pub shared: Arc<Shared>,
}

/// A write, and who waits for it.
type Owed<W, T> = (W, Reply<Result<T, StoreError>>);

#[async_trait]
impl Role for WriterActor {
    type Args = WriterArgs;
    type Message = WriterMsg;
    const SPEC: ActorSpec = ActorSpec::new("writer", 1_024, Restart::permanent(10));

    async fn start(me: &Me<Self>, WriterArgs { shared }: Self::Args) -> Result<Self, Fault> {
        shared.writer.set(me.address().clone());
        Ok(Self { shared, steps: Vec::new(), arrivals: Vec::new(), is_asked: false, commits: 0 })
    }

    async fn handle(&mut self, me: &Me<Self>, message: WriterMsg) -> Result<(), Fault> {
        let was_idle = self.is_idle();
        match message {
            WriterMsg::Save(step, reply) => self.steps.push((*step, reply)),
            WriterMsg::Arrive(arrival, reply) => self.arrivals.push((*arrival, reply)),
            WriterMsg::Claim => self.is_asked = true,
            WriterMsg::Commit => self.commit().await,
        }
        if self.count() >= MOST {
            self.commit().await;
        } else if was_idle && !self.is_idle() {
            // Behind all that waits already: it comes along.
            let _ = me.address().report(WriterMsg::Commit);
        }
        Ok(())
    }

    async fn leave(&mut self, _me: &Me<Self>) -> Result<Leaving, Fault> {
        self.commit().await;
        Ok(Leaving::Now)
    }
}

impl WriterActor {
    fn is_idle(&self) -> bool {
        self.count() == 0 && !self.is_asked
    }

    fn count(&self) -> usize {
        self.steps.len() + self.arrivals.len()
    }

    fn count_commit(&mut self) {
        self.commits += 1;
        if self.commits >= CHECKPOINT_EVERY {
            self.commits = 0;
            // Refused, it is at it already, or has nothing to do with this database.
            let _ = self.shared.checkpointer.send(CheckpointerMsg::Checkpoint);
        }
    }

    async fn commit(&mut self) {
        if self.is_idle() {
            return;
        }
        self.is_asked = false;
        let (steps, steppers): (Vec<_>, Vec<_>) = self.steps.drain(..).unzip();
        let (arrivals, comers): (Vec<_>, Vec<_>) = self.arrivals.drain(..).unzip();
        let (shared, mut tries) = (self.shared.clone(), Tries::new());
        let done = loop {
            match write(&shared, &steps, &arrivals, Claims::ToPlaces).await {
                Err(error) if tries.again(&error).await => {}
                done => break done,
            }
        };
        match done {
            Ok(Written { saved, arrived, claimed, reserved }) => {
                steppers.into_iter().zip(saved).for_each(|(reply, saved)| reply.give(saved));
                comers.into_iter().zip(arrived).for_each(|(reply, job)| reply.give(Ok(job)));
                hand_on(&shared, claimed, reserved);
                self.count_commit();
            }
            Err(error) if error.is_closed() || error.is_transient() => {
                tracing::warn!(error = chain(&error), "nothing can be written");
                let error = Arc::new(error);
                steppers.into_iter().for_each(|reply| reply.give(Err(error.clone().into())));
                comers.into_iter().for_each(|reply| reply.give(Err(error.clone().into())));
            }
            // One of them may be the cause: the others shall not suffer for it.
            Err(error) => {
                tracing::warn!(
                    error = chain(&error),
                    "a common commit failed, each is tried alone"
                );
                for (step, reply) in steps.into_iter().zip(steppers) {
                    let done = write(&self.shared, &[step], &[], Claims::None).await;
                    let saved = done.map(|mut written| written.saved.pop());
                    reply.give(saved.and_then(|saved| saved.unwrap_or(unanswered())));
                }
                for (arrival, reply) in arrivals.into_iter().zip(comers) {
                    let done = write(&self.shared, &[], &[arrival], Claims::None).await;
                    let job = done.map(|mut written| written.arrived.pop());
                    reply.give(job.and_then(|job| job.map_or(unanswered(), Ok)));
                }
            }
        }
    }
}

/// Whatever was claimed gets its actor.
fn hand_on(shared: &Shared, claimed: Vec<Job>, reserved: Reserved<'_>) {
    if shared.places.are_full() {
        // Somebody may have to make room for whoever came too late for a place.
        shared.look_for_jobs();
    }
    // A supervisor that is being restarted finds them in the store when it is back, without a place.
    if !claimed.is_empty() && shared.jobs.report(JobsMsg::Claimed(claimed)).is_ok() {
        reserved.hand_on();
    }
}

/// Whether a commit claims as well.
enum Claims {
    ToPlaces,
    None,
}

/// All of it in one transaction, or nothing. Whoever listens is told of what was written.
async fn write<'s>(
    shared: &'s Shared,
    steps: &[Transition],
    arrivals: &[Arrival],
    claims: Claims,
) -> Result<Written<'s>, StoreError> {
    let Shared { store, places, home, .. } = shared;
    let now = clock::now();
    let mut tx = store.write().await?;
    let saved = transitions::save_all(&mut tx, steps).await?;
    let arrived = arrivals::take_all(&mut tx, arrivals, now).await?;
    let moved = || saved.iter().flatten();
    let claimed = match claims {
        Claims::ToPlaces if shared.is_open() => {
            claim(&mut tx, places.left(moved()), home.as_deref(), now).await?
        }
        _ => Vec::new(),
    };
    // Whoever finds a claim in the store finds its place as well.
    let reserved = places.reserve(&claimed);
    tx.commit().await?;
    places.leave(moved());
    let known = arrived.iter().filter_map(Arrived::job);
    moved().chain(known).for_each(|job| shared.tell(job.id));
    Ok(Written { saved, arrived, claimed, reserved })
}

struct Written<'s> {
    saved: Vec<Result<Job, StoreError>>,
    arrived: Vec<Arrived>,
    claimed: Vec<Job>,
    reserved: Reserved<'s>,
}

fn unanswered<T>() -> Result<T, StoreError> {
    Err(StoreError::Unanswered)
}
