//! Decides which jobs have their turn, gives each an actor, and starts a failed one again.

use super::job::{JobActor, JobArgs};
use super::messages::JobsMsg;
use super::wakes;
use crate::actors::engine::{Shared, change};
use crate::actors::ingest::IngestMsg;
use crate::actors::llm::LlmMsg;
use crate::actors::supervise::{
    ActorSpec, Change, Children, Fault, Me, Restart, Role, Spent, Strategy,
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
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// A drained node goes on answering, so that nobody is pressed for time: every stage has limits of its own.
const DRAINING: Duration = Duration::from_secs(3_600);

pub struct JobsActor {
    shared: Arc<Shared>,
    active: HashMap<JobId, TenantId>,
    children: Children,
    /// Hears of other nodes, and ends with this actor.
    _listening: JoinSet<()>,
}

#[derive(Clone)]
pub struct JobsArgs {
    pub shared: Arc<Shared>,
}

#[async_trait]
impl Role for JobsActor {
    type Args = JobsArgs;
    type Message = JobsMsg;
    const SPEC: ActorSpec = ActorSpec::new("jobs", 1_024, Restart::permanent(10));

    async fn start(me: &Me<Self>, JobsArgs { shared }: Self::Args) -> Result<Self, Fault> {
        shared.jobs.set(me.address().clone());
        // An actor that is starting can always be sent to.
        let _ = me.address().report(JobsMsg::Recover);
        let mut listening = JoinSet::new();
        if let Some(wakes) = shared.store.wakes() {
            listening.spawn(wakes::listen(wakes, shared.clone(), me.address().clone()));
        }
        let children = Children::new(Strategy::OneForOne);
        Ok(Self { shared, active: HashMap::new(), children, _listening: listening })
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
            JobsMsg::Drain => self.children.drain(me, clock::tick() + DRAINING),
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
        }
        self.show(me);
        Ok(())
    }

    fn children(&mut self) -> Option<&mut Children> {
        Some(&mut self.children)
    }

    async fn child_changed(&mut self, me: &Me<Self>, change: Change) -> Result<(), Fault> {
        match change {
            Change::Up { .. } => {}
            // Nothing in flight is adopted by the next incarnation.
            Change::Down { name } => name.parse().iter().for_each(|id| self.abort(*id)),
            Change::Gone { name, failure } => {
                if let Ok(id) = name.parse() {
                    if let (Some(tenant), Some(why)) = (self.active.get(&id), failure)
                        && let Err(error) = self.give_up(tenant, id, &why.reason).await
                    {
                        tracing::error!(job = %id, error = chain(&error), "cannot give a job up");
                    }
                    self.let_go(me, id);
                    self.look(me).await;
                }
            }
        }
        self.show(me);
        Ok(())
    }
}

impl JobsActor {
    /// Gives actors to jobs whose turn it is. A database that does not answer is asked again at the next tick.
    async fn look(&mut self, me: &Me<Self>) {
        if !self.shared.is_open() {
            return;
        }
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
            if self.active.contains_key(&job.id) {
                continue;
            }
            self.start_job(me, job.tenant, job.id);
        }
    }

    /// Whatever runs according to the store was left by an actor or a node that is gone: it waits for its turn again.
    async fn recover(&self) -> Result<(), StoreError> {
        for job in jobs::running(&self.shared.store).await? {
            let now = clock::now();
            let Ok(step) = job.state.clone().apply(Event::Interrupted, now) else { continue };
            let mut tx = self.shared.store.write().await?;
            jobs::save(&mut tx, &job, &step.next, now).await?;
            tx.commit().await?;
            self.shared.tell(job.id);
        }
        Ok(())
    }

    fn start_job(&mut self, me: &Me<Self>, tenant: TenantId, id: JobId) {
        self.active.insert(id, tenant.clone());
        let shared = self.shared.clone();
        self.children.add::<JobActor, _>(me, &id.to_string(), Spent::IsTold, move || JobArgs {
            shared: shared.clone(),
            supervisor: shared.jobs.clone(),
            tenant: tenant.clone(),
            id,
        });
    }

    /// Whatever runs for the job ends. Nothing in flight is adopted by a later actor.
    fn let_go(&mut self, me: &Me<Self>, id: JobId) {
        self.active.remove(&id);
        self.children.remove(me, &id.to_string());
        self.abort(id);
    }

    fn abort(&self, id: JobId) {
        // A room that is gone has nothing in flight.
        let _ = self.shared.ingest.report(IngestMsg::Abort(id));
        let _ = self.shared.whisper.report(PoolMsg::Abort(id));
        let _ = self.shared.llm.report(LlmMsg::Abort(id));
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
