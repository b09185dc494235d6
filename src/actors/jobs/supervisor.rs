//! Decides which jobs have their turn, gives each an actor, and starts a failed one again.

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
use crate::domain::failure::Failure;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job_state::{Break, Event};
use crate::store::{StoreError, jobs};
use crate::telemetry::chain;
use async_trait::async_trait;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

pub struct JobsActor {
    shared: Arc<Shared>,
    active: HashMap<JobId, Active>,
}

pub struct JobsArgs {
    pub shared: Arc<Shared>,
}

struct Active {
    tenant: TenantId,
    budget: Budget,
    /// `None` while it waits for its restart.
    child: Option<Child<JobMsg>>,
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
        let _ = me.address().report(JobsMsg::Recover);
        Self { shared, active: HashMap::new() }
    }

    async fn handle(&mut self, me: &Me<Self>, message: JobsMsg) -> Result<(), Fault> {
        match message {
            JobsMsg::Look => self.look(me).await,
            JobsMsg::Recover => {
                if let Err(error) = self.recover().await {
                    tracing::error!(error = chain(&error), "cannot recover interrupted jobs");
                }
                let _ = me.address().report(JobsMsg::Tick);
            }
            JobsMsg::Tick => {
                self.look(me).await;
                me.address().after(self.shared.config.engine.poll(), || JobsMsg::Tick);
            }
            JobsMsg::WakeAt(at) => {
                let wait = (at - clock::now()).to_std().unwrap_or_default();
                me.address().after(wait, || JobsMsg::Look);
            }
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
                if let Some(active) = self.active.get(&id).filter(|a| a.child.is_none()) {
                    let tenant = active.tenant.clone();
                    self.start_job(me, tenant, id).await;
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
    /// Gives actors to jobs whose turn it is. A database that does not answer is asked again at the next tick.
    async fn look(&mut self, me: &Me<Self>) {
        let most = self.shared.config.engine.max_active_jobs;
        let due = match jobs::due(&self.shared.store, clock::now(), most as i64).await {
            Ok(due) => due,
            // The node is ending, and whatever is due goes on when it starts again.
            Err(error) if error.is_closed() => return,
            Err(error) => {
                tracing::error!(error = chain(&error), "cannot look for due jobs");
                return;
            }
        };
        for job in due {
            if self.active.len() >= most {
                return;
            }
            let Entry::Vacant(place) = self.active.entry(job.id) else { continue };
            let budget = Budget::new(JobActor::SPEC.restart);
            place.insert(Active { tenant: job.tenant.clone(), budget, child: None });
            self.start_job(me, job.tenant, job.id).await;
        }
    }

    /// Whatever runs according to the store was left by an actor or a node that is gone: it waits for its turn again.
    async fn recover(&self) -> Result<(), StoreError> {
        for job in jobs::running(&self.shared.store).await? {
            let now = clock::now();
            let Ok(step) = job.state.clone().apply(Event::Interrupted, now) else { continue };
            let mut tx = self.shared.store.write().await?;
            jobs::change(&mut tx, &job, &step.next, now).await?;
            tx.commit().await?;
            self.shared.tell(job.id);
        }
        Ok(())
    }

    async fn start_job(&mut self, me: &Me<Self>, tenant: TenantId, id: JobId) {
        let shared = self.shared.clone();
        let supervisor = self.shared.jobs.clone();
        let args = JobArgs { shared, supervisor, tenant, id };
        match spawn::<JobActor, _>(me, &id.to_string(), args).await {
            Ok(child) => {
                if let Some(active) = self.active.get_mut(&id) {
                    active.child = Some(child);
                }
            }
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

    fn abort(&self, id: JobId) {
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
