//! Gives free places to the jobs that are first in line, and takes places back from whoever holds too many.

use super::messages::{JobMsg, JobsMsg};
use super::supervisor::{Active, JobsActor};
use crate::actors::supervise::Me;
use crate::actors::writer;
use crate::clock;
use crate::domain::Timestamp;
use crate::domain::dispatch::{Lane, deal, must_yield, rotate};
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::job_state::{Event, JobState, Stage};
use crate::store::claims::{self, Held, Wish};
use crate::store::transitions::{Guard, Transition};
use crate::store::{StoreError, Tx, jobs, stages};
use crate::telemetry::chain;
use chrono::SubsecRound;
use futures::future;

impl JobsActor {
    /// Claims as many jobs as there are free places, and gives each an actor. A database that does not answer is asked
    /// again at the next tick.
    pub(super) async fn look(&mut self, me: &Me<Self>) {
        if !self.shared.is_open() {
            return;
        }
        match self.dispatch().await {
            Ok(claimed) => claimed.into_iter().for_each(|job| self.take(me, job)),
            // The node is ending, and whatever is due goes on when it starts again.
            Err(error) if error.is_closed() => {}
            Err(error) => tracing::error!(error = chain(&error), "cannot claim jobs"),
        }
    }

    /// Moves on whatever has waited for a time that has come, and looks.
    pub(super) async fn wake(&mut self, me: &Me<Self>) {
        if self.shared.is_open()
            && let Err(error) = self.wake_due(clock::now()).await
            && !error.is_closed()
        {
            tracing::error!(error = chain(&error), "cannot wake jobs");
        }
        self.look(me).await;
    }

    async fn dispatch(&mut self) -> Result<Vec<Job>, StoreError> {
        let most = self.shared.config.engine.max_active_jobs;
        if most == 0 {
            return Ok(Vec::new());
        }
        let store = &self.shared.store;
        let (paused, mut waiting) =
            tokio::try_join!(stages::paused(store), claims::tenants(store, &Stage::ALL))?;
        self.paused = paused.into_keys().collect();
        self.hold_back();
        let stages = self.open_stages();
        if stages.is_empty() {
            return Ok(Vec::new());
        }
        if stages.len() < Stage::ALL.len() {
            waiting = claims::tenants(&self.shared.store, &stages).await?;
        }
        let waiting = rotate(waiting, self.last_served.as_ref());
        let free = most.saturating_sub(self.active.len());
        if waiting.is_empty() || free == 0 {
            self.make_room(&waiting);
            return Ok(Vec::new());
        }
        let mut tx = self.shared.store.write().await?;
        let claimed = self.claim(&mut tx, waiting, free, clock::now()).await?;
        tx.commit().await?;
        claimed.iter().for_each(|job| self.shared.tell(job.id));
        Ok(claimed)
    }

    /// Deals the free places out, and what a tenant has no jobs for to the others.
    async fn claim(
        &mut self,
        tx: &mut Tx,
        mut waiting: Vec<TenantId>,
        free: usize,
        now: Timestamp,
    ) -> Result<Vec<Job>, StoreError> {
        let mut claimed: Vec<Job> = Vec::new();
        let mut places = Places { free, for_long: self.places_for_long() };
        while places.free > 0 && !waiting.is_empty() {
            let holds = |tenant: &TenantId| {
                self.held_by(tenant) + claimed.iter().filter(|job| job.tenant == *tenant).count()
            };
            let held: Vec<usize> = waiting.iter().map(holds).collect();
            let given = deal(places.free, &held);
            let mut wants_more = Vec::new();
            for (tenant, given) in waiting.into_iter().zip(given) {
                let got = self.claim_for(tx, &tenant, given, &mut places, now).await?;
                if !got.is_empty() {
                    self.last_served = Some(tenant.clone());
                }
                // Nought given, nought known: it may want what the others leave.
                if got.len() == given {
                    wants_more.push(tenant);
                }
                claimed.extend(got);
            }
            waiting = wants_more;
        }
        Ok(claimed)
    }

    async fn claim_for(
        &self,
        tx: &mut Tx,
        tenant: &TenantId,
        given: usize,
        places: &mut Places,
        now: Timestamp,
    ) -> Result<Vec<Job>, StoreError> {
        let stages: Vec<Stage> = self.open_stages();
        let any = given.min(places.for_long);
        let mut got: Vec<Job> = Vec::new();
        for (lanes, most) in [(&Lane::ALL[..], any), (&[Lane::Short][..], given - any)] {
            let home = self.shared.home.as_deref();
            let wish = Wish { tenant, stages: &stages, lanes, most, home };
            got.extend(claims::claim(tx, &self.node, &wish, now).await?);
        }
        places.free -= got.len();
        places.for_long -= got.iter().filter(|job| job.lane() == Lane::Long).count();
        Ok(got)
    }

    /// The places that long recordings may still take; the others are kept for short memos.
    fn places_for_long(&self) -> usize {
        let engine = &self.shared.config.engine;
        let kept = engine.short_places.min(engine.max_active_jobs.saturating_sub(1));
        let held = self.active.values().filter(|active| active.lane == Lane::Long).count();
        (engine.max_active_jobs - kept).saturating_sub(held)
    }

    fn held_by(&self, tenant: &TenantId) -> usize {
        self.active.values().filter(|active| active.tenant == *tenant).count()
    }

    pub(super) fn open_stages(&self) -> Vec<Stage> {
        Stage::ALL.into_iter().filter(|stage| !self.paused.contains(stage)).collect()
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
    fn make_room(&mut self, waiting: &[TenantId]) {
        let Some(fewest) = waiting.iter().map(|tenant| self.held_by(tenant)).min() else { return };
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
        let id = job.id;
        let step = Transition { job, next: step.next, guard: Guard::Seen, at };
        match writer::save(&self.shared.writer, step).await {
            Ok(_) => {
                self.shared.tell(id);
                Ok(())
            }
            Err(StoreError::StaleVersion { .. }) => Ok(()),
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
        for left in claims::held(&self.shared.store, &self.node).await? {
            let known = self.active.get(&left.job).map(|active| active.epoch);
            if known == Some(left.epoch) {
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
        let open = job.state.work().is_some_and(|work| self.open_stages().contains(&work.stage));
        let claimed = match open {
            true => claims::claim_again(&mut tx, &self.node, &given_back, now).await?,
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

/// What is left of the places in the course of one claim.
struct Places {
    free: usize,
    for_long: usize,
}
