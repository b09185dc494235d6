//! Gives each claimed job an actor, and claims the job of a failed one again.

use super::job::{JobActor, JobArgs};
use super::messages::{JobMsg, JobsMsg};
use crate::actors::engine::{Shared, change};
use crate::actors::ingest::IngestMsg;
use crate::actors::llm::LlmMsg;
use crate::actors::supervise::{
    ActorSpec, Budget, Child, Decision, Ended, Fault, Me, Restart, Role, spawn,
};
use crate::actors::whisper::PoolMsg;
use crate::clock;
use crate::domain::dispatch::Lane;
use crate::domain::failure::Failure;
use crate::domain::ids::{Epoch, JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::job_state::{Break, Event, JobState, Running, Stage};
use crate::store::{StoreError, jobs};
use crate::telemetry::chain;
use async_trait::async_trait;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

pub struct JobsActor {
    pub(super) shared: Arc<Shared>,
    pub(super) active: HashMap<JobId, Active>,
    pub(super) last_served: Option<TenantId>,
    /// As of the last look.
    pub(super) paused: BTreeSet<Stage>,
}

pub struct JobsArgs {
    pub shared: Arc<Shared>,
}

/// A job that this node has claimed: it has a place until it is let go.
pub(super) struct Active {
    pub(super) tenant: TenantId,
    pub(super) lane: Lane,
    pub(super) stage: Stage,
    pub(super) epoch: Epoch,
    /// When the claim began.
    pub(super) since: Instant,
    budget: Budget,
    /// `None` while it waits for its restart.
    pub(super) child: Option<Child<JobMsg>>,
    /// It has been asked to give its place up.
    pub(super) yields: bool,
}

#[async_trait]
impl Role for JobsActor {
    type Args = JobsArgs;
    type Message = JobsMsg;
    const SPEC: ActorSpec =
        ActorSpec { kind: "jobs", intake: 1_024, restart: Restart::permanent(10) };

    async fn start(me: &Me<Self>, JobsArgs { shared }: Self::Args) -> Self {
        shared.jobs.set(me.address().clone());
        // An actor that is starting can always be sent to.
        let _ = me.address().report(JobsMsg::Tick);
        Self { shared, active: HashMap::new(), last_served: None, paused: BTreeSet::new() }
    }

    async fn handle(&mut self, me: &Me<Self>, message: JobsMsg) -> Result<(), Fault> {
        match message {
            JobsMsg::Look => self.look(me).await,
            JobsMsg::Tick => {
                self.reconcile().await;
                self.call_time();
                self.look(me).await;
                me.address().after(self.shared.config.engine.poll(), || JobsMsg::Tick);
            }
            JobsMsg::WakeAt(at) => Self::wake_at(me, at),
            JobsMsg::Changed(id) => {
                self.let_go(me, id);
                self.look(me).await;
            }
            JobsMsg::Abandoned(tenant, id) => {
                // Refused where the job is over: then there is nothing to stop.
                if let Err(error) = change(&self.shared, &tenant, id, &Event::Cancel).await {
                    tracing::debug!(job = %id, %error, "an abandoned job is not cancelled");
                }
            }
            JobsMsg::Restart(id) => {
                if self.active.get(&id).is_some_and(|active| active.child.is_none()) {
                    self.restart(me, id).await;
                }
            }
        }
        self.show(me);
        Ok(())
    }

    async fn child_ended(&mut self, me: &Me<Self>, ended: Ended) -> Result<(), Fault> {
        let is_it =
            |active: &Active| active.child.as_ref().is_some_and(|child| child.id() == ended.child);
        let found = self.active.iter().find(|(_, active)| is_it(active)).map(|(id, _)| *id);
        let Some(id) = found else { return Ok(()) };
        match ended.failure {
            Some(reason) => self.restart_later(me, id, &reason).await,
            None => {
                self.let_go(me, id);
                self.look(me).await;
            }
        }
        self.show(me);
        Ok(())
    }
}

impl JobsActor {
    /// Gives a claimed job its actor.
    pub(super) async fn take(&mut self, me: &Me<Self>, job: Job) {
        let JobState::Running(Running { work, epoch }) = job.state else { return };
        let lane = job.lane();
        let budget = Budget::new(JobActor::SPEC.restart);
        let (tenant, stage) = (job.tenant, work.stage);
        let since = clock::tick();
        let active =
            Active { tenant, lane, stage, epoch, since, budget, child: None, yields: false };
        self.active.insert(job.id, active);
        self.start_job(me, job.id).await;
    }

    /// Claims the job of a failed actor again, and gives it a new one.
    async fn restart(&mut self, me: &Me<Self>, id: JobId) {
        match self.claim_again(id).await {
            Ok(Some(job)) => {
                if let (Some(active), Some(epoch)) = (self.active.get_mut(&id), job.state.epoch()) {
                    active.epoch = epoch;
                    active.since = clock::tick();
                    active.yields = false;
                }
                self.start_job(me, id).await;
            }
            Ok(None) => self.let_go(me, id),
            Err(error) if error.is_closed() => {}
            Err(error) => {
                tracing::error!(job = %id, error = chain(&error), "cannot claim a job again");
                me.address().after(self.shared.config.engine.poll(), move || JobsMsg::Restart(id));
            }
        }
    }

    async fn start_job(&mut self, me: &Me<Self>, id: JobId) {
        let Some(active) = self.active.get_mut(&id) else { return };
        let (shared, supervisor) = (self.shared.clone(), self.shared.jobs.clone());
        let (tenant, epoch) = (active.tenant.clone(), active.epoch);
        let args = JobArgs { shared, supervisor, tenant, id, epoch };
        match spawn::<JobActor, _>(me, &id.to_string(), args).await {
            Ok(child) => active.child = Some(child),
            Err(error) => self.restart_later(me, id, &error.reason).await,
        }
    }

    /// Whatever runs for the job ends. Nothing in flight is adopted by a later actor.
    fn let_go(&mut self, me: &Me<Self>, id: JobId) {
        if let Some(Active { child: Some(child), .. }) = self.active.remove(&id) {
            child.kill();
            me.directory().leave(&child.path);
        }
        self.abort(id);
    }

    pub(super) fn abort(&self, id: JobId) {
        // A room that is gone has nothing in flight.
        let _ = self.shared.ingest.report(IngestMsg::Abort(id));
        let _ = self.shared.whisper.report(PoolMsg::Abort(id));
        let _ = self.shared.llm.report(LlmMsg::Abort(id));
    }

    async fn restart_later(&mut self, me: &Me<Self>, id: JobId, reason: &str) {
        self.abort(id);
        let Some(active) = self.active.get_mut(&id) else { return };
        if let Some(child) = active.child.take() {
            tracing::warn!(actor = child.path, reason, "job actor failed");
            me.directory().failed(&child.path, reason);
        }
        match active.budget.failed(clock::tick()) {
            Decision::RestartAfter(wait) => {
                me.address().after(wait, move || JobsMsg::Restart(id));
            }
            Decision::Spent => {
                let tenant = active.tenant.clone();
                if let Err(error) = self.give_up(&tenant, id, reason).await {
                    tracing::error!(job = %id, error = chain(&error), "cannot give a job up");
                }
                self.active.remove(&id);
                me.directory().leave(&format!("{}/{id}", me.path()));
            }
        }
    }

    /// A job whose actor fails again and again is itself the cause.
    async fn give_up(&self, tenant: &TenantId, id: JobId, reason: &str) -> Result<(), StoreError> {
        let Some(job) = jobs::get(&self.shared.store, tenant, id).await? else { return Ok(()) };
        let message = format!("its actor keeps failing: {reason}");
        let why = Failure::give_up("actor_failed", message, "this is a bug; please report it");
        let how = Break { why, policy: self.shared.config.engine.retry(), jitter: 0.0 };
        let (epoch, now) = (job.epoch, clock::now());
        let Ok(step) = job.state.clone().apply(Event::Broke(epoch, how), now) else {
            return Ok(());
        };
        let mut tx = self.shared.store.write().await?;
        jobs::save(&mut tx, &job, &step.next, now).await?;
        tx.commit().await?;
        self.shared.tell(id);
        Ok(())
    }

    fn show(&self, me: &Me<Self>) {
        let state = if self.active.is_empty() { "idle" } else { "working" };
        let current = format!("{} jobs", self.active.len());
        me.show(state, Some(current).filter(|_| state != "idle"));
    }
}
