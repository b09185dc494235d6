//! What is written together: its statements, and then its commit, which the next ones need not wait for.

use super::claim::claim;
use super::heads::Heads;
use super::messages::{Past, WriterMsg};
use crate::actors::engine::{Reserved, Shared, Tries};
use crate::actors::jobs::JobsMsg;
use crate::actors::supervise::Reply;
use crate::clock;
use crate::domain::job::Job;
use crate::store::arrivals::{self, Arrival, Arrived};
use crate::store::transitions::{self, Transition};
use crate::store::{StoreError, Tx};
use crate::telemetry::chain;
use std::sync::Arc;

/// What has come in, and who waits for each of it.
#[derive(Default)]
pub struct Batch {
    steps: Vec<Transition>,
    steppers: Vec<Reply<Result<Job, StoreError>>>,
    arrivals: Vec<Arrival>,
    comers: Vec<Reply<Result<Arrived, StoreError>>>,
    /// Whether to claim even where nothing is to be written.
    pub is_asked: bool,
}

/// A batch whose statements are made, or cannot be.
pub struct Begun {
    shared: Arc<Shared>,
    batch: Batch,
    /// Which of all commits it is.
    nth: u64,
    made: Result<Made, StoreError>,
}

/// A transaction with what it will have done to a batch.
struct Made {
    tx: Tx,
    written: Written,
}

struct Written {
    saved: Vec<Result<Job, StoreError>>,
    arrived: Vec<Arrived>,
    claimed: Vec<Job>,
    reserved: Reserved,
    /// Whether somebody may have found no place.
    is_full: bool,
}

impl Batch {
    pub fn save(&mut self, step: Transition, reply: Reply<Result<Job, StoreError>>) {
        self.steps.push(step);
        self.steppers.push(reply);
    }

    pub fn take_in(&mut self, arrival: Arrival, reply: Reply<Result<Arrived, StoreError>>) {
        self.arrivals.push(arrival);
        self.comers.push(reply);
    }

    pub fn is_empty(&self) -> bool {
        self.count() == 0 && !self.is_asked
    }

    pub fn count(&self) -> usize {
        self.steps.len() + self.arrivals.len()
    }

    /// Makes all statements but the last ones.
    pub async fn begin(self, shared: Arc<Shared>, heads: &mut Heads, nth: u64) -> Begun {
        let made = make(&shared, &self.steps, &self.arrivals, Some(heads)).await;
        Begun { shared, batch: self, nth, made }
    }
}

impl Begun {
    /// Commits it, again and again where the database asks for it, and tells everybody what has become of it.
    pub async fn end(self) {
        let Self { shared, batch, nth, made } = self;
        let Batch { steps, steppers, arrivals, comers, .. } = batch;
        let (mut tries, mut is_undone) = (Tries::new(), false);
        let mut done = match made {
            Ok(made) => made.commit(&shared).await,
            Err(error) => Err(error),
        };
        while let Err(error) = &done
            && tries.again(error).await
        {
            is_undone = true;
            done = write(&shared, &steps, &arrivals, Some(&mut Heads::default())).await;
        }
        is_undone |= done.is_err();
        let is_full = done.as_ref().is_ok_and(|written| written.is_full);
        let matters = is_undone || !(steps.is_empty() && arrivals.is_empty());
        match done {
            Ok(Written { saved, arrived, claimed, reserved, .. }) => {
                steppers.into_iter().zip(saved).for_each(|(reply, saved)| reply.give(saved));
                comers.into_iter().zip(arrived).for_each(|(reply, job)| reply.give(Ok(job)));
                hand_on(&shared, claimed, reserved);
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
                    let done = write(&shared, &[step], &[], None).await;
                    let saved = done.map(|mut written| written.saved.pop());
                    reply.give(saved.and_then(|saved| saved.unwrap_or(unanswered())));
                }
                for (arrival, reply) in arrivals.into_iter().zip(comers) {
                    let done = write(&shared, &[], &[arrival], None).await;
                    let job = done.map(|mut written| written.arrived.pop());
                    reply.give(job.and_then(|job| job.map_or(unanswered(), Ok)));
                }
            }
        }
        if matters {
            let past = Past { nth, is_full, is_undone };
            let _ = shared.writer.report(WriterMsg::Committed(past));
        }
    }
}

/// Whatever was claimed gets its actor.
fn hand_on(shared: &Shared, claimed: Vec<Job>, reserved: Reserved) {
    if shared.places.are_full() {
        // Somebody may have to make room for whoever came too late for a place.
        shared.look_for_room();
    }
    // A supervisor that is being restarted finds them in the store when it is back, without a place.
    if !claimed.is_empty() && shared.jobs.report(JobsMsg::Claimed(claimed)).is_ok() {
        reserved.hand_on();
    }
}

/// All of it in one transaction, or nothing. It claims as well where it is told of the lines.
async fn write(
    shared: &Shared,
    steps: &[Transition],
    arrivals: &[Arrival],
    heads: Option<&mut Heads>,
) -> Result<Written, StoreError> {
    make(shared, steps, arrivals, heads).await?.commit(shared).await
}

async fn make(
    shared: &Shared,
    steps: &[Transition],
    arrivals: &[Arrival],
    heads: Option<&mut Heads>,
) -> Result<Made, StoreError> {
    let Shared { store, places, home, .. } = shared;
    let now = clock::now();
    let mut tx = store.write().await?;
    let saved = transitions::save_all(&mut tx, steps).await?;
    let arrived = arrivals::take_all(&mut tx, arrivals, now).await?;
    let moved = || saved.iter().flatten();
    let mut left = places.left(moved());
    let mut claimed = Vec::new();
    if let Some(heads) = heads {
        let new = arrived.iter().filter_map(Arrived::job);
        moved().chain(new).for_each(|job| heads.join(job, now));
        if shared.is_open() {
            claimed = claim(&mut tx, &mut left, heads, home.as_deref(), now).await?;
        }
    }
    let is_full = left.free == 0 || left.for_long == 0;
    // Whoever finds a claim in the store finds its place as well.
    let reserved = places.reserve(&claimed, moved());
    Ok(Made { tx, written: Written { saved, arrived, claimed, reserved, is_full } })
}

impl Made {
    /// Whoever listens is told of what was written.
    async fn commit(self, shared: &Shared) -> Result<Written, StoreError> {
        let Self { tx, mut written } = self;
        tx.commit().await?;
        written.reserved.leave();
        let arrived = written.arrived.iter().filter_map(Arrived::job);
        written.saved.iter().flatten().chain(arrived).for_each(|job| shared.tell(job.id));
        Ok(written)
    }
}

fn unanswered<T>() -> Result<T, StoreError> {
    Err(StoreError::Unanswered)
}
