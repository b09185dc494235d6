//! Gives each claimed job an actor, and claims the job of a failed one again.

use super::job::{JobActor, JobArgs};
use super::messages::{JobMsg, JobsMsg};
use super::wakes;
use crate::actors::engine::{Shared, change};
use crate::actors::ingest::IngestMsg;
use crate::actors::llm::LlmMsg;
use crate::actors::supervise::{
    ActorSpec, Change, Children, Fault, Me, Post, Restart, Role, Spent, Strategy,
};
use crate::actors::whisper::PoolMsg;
use crate::clock;
use crate::domain::failure::Failure;
use crate::domain::ids::{Epoch, JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::job_state::{Break, Event, Stage};
use crate::store::{StoreError, jobs};
use crate::telemetry::chain;
use async_trait::async_trait;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// A drained node goes on answering, so that nobody is pressed for time: every stage has limits of its own.
const DRAINING: Duration = Duration::from_secs(3_600);

pub struct JobsActor {
    pub(super) shared: Arc<Shared>,
    pub(super) active: HashMap<JobId, Active>,
    /// As of the last look.
    pub(super) paused: BTreeSet<Stage>,
    children: Children,
    /// Hears of other nodes, and ends with this actor.
    _listening: JoinSet<()>,
}

#[derive(Clone)]
pub struct JobsArgs {
    pub shared: Arc<Shared>,
}

/// A job that this node has claimed: it has a place until it is let go.
pub(super) struct Active {
    pub(super) tenant: TenantId,
    pub(super) stage: Stage,
    /// The job as it was claimed, for the next incarnation of its actor.
    claim: Claim,
    pub(super) epoch: Epoch,
    /// When the claim began.
    pub(super) since: Instant,
    pub(super) post: Post<JobMsg>,
    /// It has been asked to give its place up.
    pub(super) yields: bool,
}

/// The newest claim of a job.
#[derive(Clone)]
struct Claim(Arc<Mutex<Job>>);

impl Claim {
    fn new(job: Job) -> Self {
        Self(Arc::new(Mutex::new(job)))
    }

    fn get(&self) -> Job {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, job: Job) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = job;
    }
}

#[async_trait]
impl Role for JobsActor {
    type Args = JobsArgs;
    type Message = JobsMsg;
    const SPEC: ActorSpec = ActorSpec::new("jobs", 1_024, Restart::permanent(10));

    async fn start(me: &Me<Self>, JobsArgs { shared }: Self::Args) -> Result<Self, Fault> {
        // Nobody works on what the last incarnation had in hand.
        shared.places.clear(shared.node());
        shared.jobs.set(me.address().clone());
        shared.begin_look();
        // An actor that is starting can always be sent to.
        let _ = me.address().report(JobsMsg::Tick);
        let mut listening = JoinSet::new();
        if let Some(wakes) = shared.store.wakes() {
            listening.spawn(wakes::listen(wakes, shared.clone()));
        }
        Ok(Self {
            shared,
            active: HashMap::new(),
            paused: BTreeSet::new(),
            children: Children::new(Strategy::OneForOne),
            _listening: listening,
        })
    }

    async fn handle(&mut self, me: &Me<Self>, message: JobsMsg) -> Result<(), Fault> {
        match message {
            JobsMsg::Look => {
                let for_jobs = self.shared.begin_look();
                self.look(for_jobs).await;
            }
            JobsMsg::Claimed(jobs) => self.begin(me, jobs).await,
            JobsMsg::Wake => self.wake().await,
            JobsMsg::Tick => {
                self.reconcile().await;
                self.call_time();
                self.wake().await;
                me.address().after(self.every(), || JobsMsg::Tick);
            }
            JobsMsg::Drain => self.children.drain(me, clock::tick() + DRAINING),
            JobsMsg::Fenced => {
                let all: Vec<JobId> = self.active.keys().copied().collect();
                for id in all {
                    self.let_go(me, id);
                }
                self.shared.places.clear(self.shared.node());
                self.look(true).await;
            }
            JobsMsg::WakeAt(at) => Self::wake_at(me, at),
            JobsMsg::Changed(id) => {
                self.shared.places.revoke(id);
                self.let_go(me, id);
                self.look(true).await;
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
            Change::Down { name } => {
                if let Ok(id) = name.parse() {
                    self.begin_again(me, id).await;
                }
            }
            Change::Gone { name, failure } => {
                if let Ok(id) = name.parse() {
                    if let (Some(active), Some(why)) = (self.active.get(&id), failure)
                        && let Err(error) = self.give_up(&active.tenant, id, &why.reason).await
                    {
                        tracing::error!(job = %id, error = chain(&error), "cannot give a job up");
                    }
                    // Whoever was claimed in the commit of its last step has its place already. Those that end at the
                    // same moment leave their places to one claim.
                    if self.let_go(me, id) {
                        self.shared.look_for_jobs();
                    }
                }
            }
        }
        self.show(me);
        Ok(())
    }
}

impl JobsActor {
    /// How often it is looked for what other nodes have left as well.
    fn every(&self) -> Duration {
        let engine = &self.shared.config.engine;
        if self.shared.store.is_shared() {
            engine.poll().min(engine.takeover())
        } else {
            engine.poll()
        }
    }

    /// Gives a claimed job its actor. An earlier one, which is about to end, makes way.
    pub(super) fn take(&mut self, me: &Me<Self>, job: Job) {
        let Some(work) = job.state.work() else { return };
        let (id, post) = (job.id, Post::default());
        let active = Active {
            tenant: job.tenant.clone(),
            stage: work.stage,
            epoch: job.epoch,
            claim: Claim::new(job),
            since: clock::tick(),
            post: post.clone(),
            yields: false,
        };
        let (shared, name, claim) = (self.shared.clone(), id.to_string(), active.claim.clone());
        self.children.remove(me, &name);
        self.children.add::<JobActor, _>(me, &name, Spent::IsTold, move || JobArgs {
            shared: shared.clone(),
            supervisor: shared.jobs.clone(),
            post: post.clone(),
            job: claim.get(),
        });
        self.active.insert(id, active);
    }

    /// The actor of a job has failed: the job is claimed again before the next incarnation begins. Nothing in flight is
    /// adopted by it. Where that cannot be done, the job is given back at the next tick.
    async fn begin_again(&mut self, me: &Me<Self>, id: JobId) {
        self.abort(id);
        let claimed = self.claim_again(id).await.unwrap_or_else(|error| {
            tracing::error!(job = %id, error = chain(&error), "cannot claim a job again");
            None
        });
        match (self.active.get_mut(&id), claimed) {
            (Some(active), Some(job)) => {
                self.shared.places.take(std::slice::from_ref(&job));
                self.shared.places.give(id, active.epoch);
                active.epoch = job.epoch;
                active.claim.set(job);
                active.since = clock::tick();
                active.yields = false;
            }
            _ => {
                self.let_go(me, id);
            }
        }
    }

    /// Whatever runs for the job ends. Nothing in flight is adopted by a later actor. Says whether a place is free now.
    fn let_go(&mut self, me: &Me<Self>, id: JobId) -> bool {
        let active = self.active.remove(&id);
        self.children.remove(me, &id.to_string());
        self.abort(id);
        active.is_some_and(|active| self.shared.places.give(id, active.epoch))
    }

    pub(super) fn abort(&self, id: JobId) {
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
