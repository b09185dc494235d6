//! Takes what waits in its mailbox, and makes one commit of it.

use super::messages::WriterMsg;
use crate::actors::engine::Tries;
use crate::actors::supervise::{ActorSpec, Fault, Leaving, Me, Post, Reply, Restart, Role};
use crate::clock;
use crate::domain::job::Job;
use crate::store::arrivals::{self, Arrival, Arrived};
use crate::store::transitions::{self, Transition};
use crate::store::{Store, StoreError};
use crate::telemetry::chain;
use async_trait::async_trait;
use std::sync::Arc;

/// Writes in one commit. More would keep the first of them waiting for the last.
const MOST: usize = 256;

pub struct WriterActor {
    store: Store,
    steps: Vec<Owed<Transition, Job>>,
    arrivals: Vec<Owed<Arrival, Arrived>>,
}

#[derive(Clone)]
pub struct WriterArgs {
    pub store: Store,
    pub post: Post<WriterMsg>,
}

/// A write, and who waits for it.
type Owed<W, T> = (W, Reply<Result<T, StoreError>>);

#[async_trait]
impl Role for WriterActor {
    type Args = WriterArgs;
    type Message = WriterMsg;
    const SPEC: ActorSpec = ActorSpec::new("writer", 1_024, Restart::permanent(10));

    async fn start(me: &Me<Self>, WriterArgs { store, post }: Self::Args) -> Result<Self, Fault> {
        post.set(me.address().clone());
        Ok(Self { store, steps: Vec::new(), arrivals: Vec::new() })
    }

    async fn handle(&mut self, me: &Me<Self>, message: WriterMsg) -> Result<(), Fault> {
        let was_empty = self.count() == 0;
        match message {
            WriterMsg::Save(step, reply) => self.steps.push((*step, reply)),
            WriterMsg::Arrive(arrival, reply) => self.arrivals.push((*arrival, reply)),
            WriterMsg::Commit => self.commit().await,
        }
        if self.count() >= MOST {
            self.commit().await;
        } else if was_empty && self.count() > 0 {
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
    fn count(&self) -> usize {
        self.steps.len() + self.arrivals.len()
    }

    async fn commit(&mut self) {
        if self.count() == 0 {
            return;
        }
        let (steps, steppers): (Vec<_>, Vec<_>) = self.steps.drain(..).unzip();
        let (arrivals, comers): (Vec<_>, Vec<_>) = self.arrivals.drain(..).unzip();
        let mut tries = Tries::new();
        let done = loop {
            match write(&self.store, &steps, &arrivals).await {
                Err(error) if tries.again(&error).await => {}
                done => break done,
            }
        };
        match done {
            Ok((saved, arrived)) => {
                steppers.into_iter().zip(saved).for_each(|(reply, saved)| reply.give(saved));
                comers.into_iter().zip(arrived).for_each(|(reply, job)| reply.give(Ok(job)));
            }
            // One of them may be the cause: the others shall not suffer for it.
            Err(error) if steps.len() + arrivals.len() > 1 && !error.is_transient() => {
                tracing::warn!(
                    error = chain(&error),
                    "a common commit failed, each is tried alone"
                );
                for (step, reply) in steps.into_iter().zip(steppers) {
                    let done = write(&self.store, &[step], &[]).await;
                    reply.give(done.and_then(|(mut saved, _)| saved.pop().unwrap_or(unanswered())));
                }
                for (arrival, reply) in arrivals.into_iter().zip(comers) {
                    let done = write(&self.store, &[], &[arrival]).await;
                    reply.give(done.and_then(|(_, mut job)| job.pop().map_or(unanswered(), Ok)));
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                steppers.into_iter().for_each(|reply| reply.give(Err(error.clone().into())));
                comers.into_iter().for_each(|reply| reply.give(Err(error.clone().into())));
            }
        }
    }
}

fn unanswered<T>() -> Result<T, StoreError> {
    Err(StoreError::Unanswered)
}

/// All of it in one transaction, or nothing.
async fn write(
    store: &Store,
    steps: &[Transition],
    arrivals: &[Arrival],
) -> Result<(Vec<Result<Job, StoreError>>, Vec<Arrived>), StoreError> {
    let mut tx = store.write().await?;
    let saved = transitions::save_all(&mut tx, steps).await?;
    let arrived = arrivals::take_all(&mut tx, arrivals, clock::now()).await?;
    tx.commit().await?;
    Ok((saved, arrived))
}
