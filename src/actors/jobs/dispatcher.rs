//! Has free places given to the jobs that are first in line, and takes places back from whoever holds too many.

use super::messages::{JobMsg, JobsMsg};
use super::supervisor::{Active, JobsActor};
use crate::actors::supervise::Me;
use crate::actors::writer::{self, WriterMsg};
use crate::clock;
use crate::domain::Timestamp;
use crate::domain::dispatch::must_yield;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::job_state::{Event, JobState, Stage};
use crate::store::claims::{self, Held, Line};
use crate::store::transitions::{Guard, Transition};
use crate::store::{StoreError, jobs, stages};
use crate::telemetry::chain;
use chrono::SubsecRound;
use futures::future;

impl JobsActor {
    /// Has room made where there is none, and free places given to whoever waits, also to those of whom the writer does not
    /// know. A database that does not answer is asked again at the next tick.
    pub(super) async fn look(&mut self, for_jobs: bool) {
        if !self.shared.is_open() {
            return;
        }
        match self.dispatch(for_jobs).await {
            Ok(()) => {}
            // The node is ending, and whatever is due goes on when it starts again.
            Err(error) if error.is_closed() => {}
            Err(error) => tracing::error!(error = chain(&error), "cannot look for jobs"),
        }
    }

    async fn dispatch(&mut self, for_jobs: bool) -> Result<(), StoreError> {
        self.paused = stages::paused(&self.shared.store).await?.into_keys().collect();
        self.hold_back();
        if self.shared.places.are_full() {
            let lines = claims::lines(&self.shared.store).await?;
            self.make_room(&lines);
        }
        if for_jobs {
            // A room that is being restarted is asked at the next tick.
            let _ = self.shared.writer.report(WriterMsg::Claim);
        }
        Ok(())
    }

    /// Gives each claimed job an actor. What was called off meanwhile gets none, and a node that ends begins nothing.
    pub(super) async fn begin(&mut self, me: &Me<Self>, claimed: Vec<Job>) {
        let is_held = |job: &Job| self.shared.places.is_held(job.id, job.epoch);
        let held: Vec<Job> = claimed.into_iter().filter(is_held).collect();
        held.iter().for_each(|job| self.shared.tell(job.id));
        if self.shared.is_open() {
            held.into_iter().for_each(|job| self.take(me, job));
            return;
        }
        self.shared.places.give_all(held.iter().map(|job| (job.id, job.epoch)));
        let now = clock::now();
        let returned = held.into_iter().map(|job| self.move_on(job, Event::Interrupted, now));
        if let Err(error) = future::try_join_all(returned).await {
            tracing::warn!(error = chain(&error), "jobs that nobody begins are not given back");
        }
    }

    /// Moves on whatever has waited for a time that has come, and looks.
    pub(super) async fn wake(&mut self) {
        if self.shared.is_open()
            && let Err(error) = self.wake_due(clock::now()).await
            && !error.is_closed()
        {
            tracing::error!(error = chain(&error), "cannot wake jobs");
        }
        self.look(true).await;
    }

    fn held_by(&self, tenant: &TenantId) -> usize {
        self.active.values().filter(|active| active.tenant == *tenant).count()
    }

    /// What runs in a paused stage ends its chunk, or else the stage.
    fn hold_back(&mut self) {
        let paused = &self.paused;
        let runs = |active: &&mut Active| paused.contains(&active.stage) && !active.yields;
        for active in self.active.values_mut().filter(runs) {
            active.give_way();
        }
    }

    /// Tells whoever has taken too long; what is under way for them ends with their actors.
    pub(super) fn call_time(&self) {
        let engine = &self.shared.config.engine;
        let now = clock::tick();
        let overdue =
            |active: &&Active| now.duration_since(active.since) >= engine.deadline(active.stage);
        for active in self.active.values().filter(overdue) {
            // One that has just ended was in time.
            let _ = active.post.report(JobMsg::Overdue);
        }
    }

    /// All places are taken: whoever holds more than a fair share gives one up where its work has a checkpoint.
    fn make_room(&mut self, waiting: &[Line]) {
        let fewest = waiting.iter().map(|line| self.held_by(&line.tenant)).min();
        let Some(fewest) = fewest else { return };
        if self.active.values().any(|active| active.yields && active.stage == Stage::Transcribe) {
            return;
        }
        let richest = self.active.values().map(|active| self.held_by(&active.tenant)).max();
        let Some(most) = richest.filter(|most| must_yield(*most, fewest)) else { return };
        // A transcription has its checkpoints; the other stages end soon.
        let can = |active: &Active| {
            active.stage == Stage::Transcribe && self.held_by(&active.tenant) == most
        };
        let oldest = self.active.iter().filter(|(_, active)| can(active)).map(|(id, _)| *id).min();
        let Some(active) = oldest.and_then(|id| self.active.get_mut(&id)) else { return };
        active.give_way();
    }

    async fn wake_due(&self, now: Timestamp) -> Result<(), StoreError> {
        let due = claims::due(&self.shared.store, now).await?;
        if due.iter().any(|job| matches!(job.state, JobState::Queued(_))) {
            let mut tx = self.shared.store.write().await?;
            claims::wake_queued(&mut tx, now).await?;
            tx.commit().await?;
        }
        let moves = due.into_iter().filter_map(|job| {
            let event = match job.state {
                JobState::Parked(_) => Event::Due,
                JobState::Received(_) => Event::Kept,
                JobState::Stored(_) => Event::Enqueued(job.options.not_before(now)),
                _ => return None,
            };
            Some(self.move_on(job, event, now))
        });
        future::try_join_all(moves).await?;
        Ok(())
    }

    /// A transition that nobody holds the job for. Where somebody was faster, theirs counts.
    async fn move_on(&self, job: Job, event: Event, at: Timestamp) -> Result<(), StoreError> {
        let Ok(step) = job.state.clone().apply(event, at) else { return Ok(()) };
        let step = Transition { job, next: step.next, guard: Guard::Seen, at };
        match writer::save(&self.shared.writer, step).await {
            Ok(_) | Err(StoreError::StaleVersion { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Gives back what runs according to the store and has no actor: it was left by an actor or a node that is gone.
    /// It waits for its turn again, and no attempt is spent.
    pub(super) async fn reconcile(&self) {
        if let Err(error) = self.give_back().await
            && !error.is_closed()
        {
            tracing::error!(error = chain(&error), "cannot look for jobs that were left");
        }
    }

    async fn give_back(&self) -> Result<(), StoreError> {
        let mut left_behind = Vec::new();
        let node = self.shared.places.node();
        for left in claims::held(&self.shared.store, &node).await? {
            if self.shared.places.is_held(left.job, left.epoch) {
                continue;
            }
            // Whoever worked on it may be gone with its supervisor, and have left questions behind.
            self.abort(left.job);
            left_behind.push(self.take_from(left));
        }
        future::try_join_all(left_behind).await?;
        Ok(())
    }

    async fn take_from(&self, gone: Held) -> Result<(), StoreError> {
        let found = jobs::get(&self.shared.store, &gone.tenant, gone.job).await?;
        let job = found.filter(|job| job.state.epoch() == Some(gone.epoch));
        let Some(job) = job else { return Ok(()) };
        self.move_on(job, Event::Interrupted, clock::now()).await
    }

    /// The actor of a job has failed: the job is claimed anew, under the next epoch, in the place that it has.
    pub(super) async fn claim_again(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        let Some(active) = self.active.get(&id) else { return Ok(None) };
        let mut tx = self.shared.store.write().await?;
        let found = jobs::get_in(&mut tx, &active.tenant, id).await?;
        // Whoever has cancelled or removed it meanwhile was faster.
        let Some(job) = found.filter(|job| job.state.epoch() == Some(active.epoch)) else {
            return Ok(None);
        };
        let now = clock::now();
        let Ok(step) = job.state.clone().apply(Event::Interrupted, now) else { return Ok(None) };
        let given_back = jobs::change(&mut tx, &job, &step.next, now).await?;
        let open = job.state.work().is_some_and(|work| !self.paused.contains(&work.stage));
        let claimed = match open {
            true => {
                claims::claim_again(&mut tx, &self.shared.places.node(), &given_back, now).await?
            }
            false => None,
        };
        tx.commit().await?;
        self.shared.tell(id);
        Ok(claimed)
    }

    /// Wakes the next job that is not in line yet when its time has come.
    pub(super) fn wake_at(me: &Me<Self>, at: Timestamp) {
        let wait = (at.trunc_subsecs(3) - clock::now()).to_std().unwrap_or_default();
        me.address().after(wait, || JobsMsg::Wake);
    }
}

impl Active {
    fn give_way(&mut self) {
        self.yields = true;
        // One that has just ended has given its place up already.
        let _ = self.post.report(JobMsg::Yield);
    }
}
