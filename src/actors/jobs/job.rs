//! One active job: takes events, saves each step, then performs its effects.

use super::messages::{JobMsg, JobsMsg};
use super::stages::Listening;
use crate::actors::engine::Shared;
use crate::actors::supervise::{ActorSpec, Fault, Me, Post, Restart, Role};
use crate::clock;
use crate::domain::failure::Failure;
use crate::domain::ids::{Epoch, JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::job_state::{Break, Effect, Event, JobState, Stage};
use crate::store::{StoreError, Tx, jobs};
use crate::telemetry::chain;
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;

pub struct JobActor {
    pub(super) shared: Arc<Shared>,
    supervisor: Post<JobsMsg>,
    tenant: TenantId,
    id: JobId,
    pub(super) listening: Option<Listening>,
}

pub struct JobArgs {
    pub shared: Arc<Shared>,
    pub supervisor: Post<JobsMsg>,
    pub tenant: TenantId,
    pub id: JobId,
}

/// Why a step of a job was not made.
pub(super) enum Halt {
    /// Somebody else has moved the job on: it is theirs now.
    Stale,
    Fault(Fault),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::StaleEpoch { .. } | StoreError::StaleVersion { .. } => Self::Stale,
            other => Self::Fault(Fault { reason: chain(&other) }),
        }
    }
}

#[async_trait]
impl Role for JobActor {
    type Args = JobArgs;
    type Message = JobMsg;
    const SPEC: ActorSpec = ActorSpec { kind: "job", intake: 64, restart: Restart::transient(5) };

    async fn start(me: &Me<Self>, args: Self::Args) -> Self {
        // An actor that is starting can always be sent to.
        let _ = me.address().report(JobMsg::Begin);
        let JobArgs { shared, supervisor, tenant, id } = args;
        Self { shared, supervisor, tenant, id, listening: None }
    }

    async fn handle(&mut self, me: &Me<Self>, message: JobMsg) -> Result<(), Fault> {
        match self.take(me, message).await {
            Ok(()) => Ok(()),
            Err(Halt::Fault(fault)) => Err(fault),
            Err(Halt::Stale) => {
                tracing::debug!(job = %self.id, "moved on by somebody else");
                me.end();
                Ok(())
            }
        }
    }
}

impl JobActor {
    async fn take(&mut self, me: &Me<Self>, message: JobMsg) -> Result<(), Halt> {
        let Some(job) = jobs::get(&self.shared.store, &self.tenant, self.id).await? else {
            me.end();
            return Ok(());
        };
        match message {
            JobMsg::Begin => self.begin(me, job).await,
            JobMsg::Continue(epoch) if epoch == job.epoch => self.run(me, job).await,
            JobMsg::Ingested(epoch, answer) if epoch == job.epoch => {
                self.ingested(me, job, answer).await
            }
            JobMsg::Listened(epoch, answer) if epoch == job.epoch => {
                self.listened(me, job, answer).await
            }
            JobMsg::Composed(epoch, note) if epoch == job.epoch => {
                self.composed(me, job, note).await
            }
            JobMsg::Asked(epoch, outcome) if epoch == job.epoch => {
                self.asked(me, job, outcome).await
            }
            JobMsg::Continue(_)
            | JobMsg::Asked(..)
            | JobMsg::Ingested(..)
            | JobMsg::Listened(..)
            | JobMsg::Composed(..) => {
                tracing::debug!(job = %self.id, "a late answer is ignored");
                Ok(())
            }
        }
    }

    /// Takes the job up where the store says that it stands. A run that was left is nobody's: it is leased anew.
    async fn begin(&mut self, me: &Me<Self>, job: Job) -> Result<(), Halt> {
        match job.state {
            JobState::Running(_) => self.advance(me, job, Event::Interrupted).await,
            _ => {
                let effect = job.state.effect();
                self.perform(me, job, effect).await
            }
        }
    }

    /// One transition in a transaction of its own, and all that follows from it.
    pub(super) async fn advance(
        &mut self,
        me: &Me<Self>,
        job: Job,
        event: Event,
    ) -> Result<(), Halt> {
        let tx = self.shared.store.write().await?;
        self.advance_in(me, tx, job, event).await
    }

    /// Ends a transaction with a transition. Saves first, acts second: a crash in between repeats an act.
    pub(super) async fn advance_in(
        &mut self,
        me: &Me<Self>,
        mut tx: Tx,
        job: Job,
        event: Event,
    ) -> Result<(), Halt> {
        let now = clock::now();
        let step = match job.state.clone().apply(event, now) {
            Ok(step) => step,
            Err(refused) => {
                tracing::debug!(job = %self.id, %refused, "a late event is refused");
                return Ok(());
            }
        };
        let job = match job.state {
            JobState::Running(_) => jobs::save(&mut tx, &job, &step.next, now).await?,
            _ => jobs::change(&mut tx, &job, &step.next, now).await?,
        };
        tx.commit().await?;
        self.shared.tell(self.id);
        Box::pin(self.perform(me, job, step.effect)).await
    }

    async fn perform(&mut self, me: &Me<Self>, job: Job, effect: Effect) -> Result<(), Halt> {
        let now = clock::now();
        match effect {
            Effect::Keep => self.advance(me, job, Event::Kept).await,
            Effect::Enqueue => self.advance(me, job, Event::Enqueued).await,
            Effect::Lease { not_before } if not_before <= now => {
                let epoch = job.epoch.next();
                self.advance(me, job, Event::Leased(epoch)).await
            }
            Effect::Wake { at } if at <= now => self.advance(me, job, Event::Due).await,
            Effect::Run { .. } => self.run(me, job).await,
            Effect::Lease { not_before: at } | Effect::Wake { at } => {
                // The supervisor looks at the database anyway; this only makes it look in time.
                let _ = self.supervisor.report(JobsMsg::WakeAt(at));
                me.end();
                Ok(())
            }
            Effect::Rest => {
                self.rest(&job);
                me.end();
                Ok(())
            }
        }
    }

    /// Starts, or goes on with, the stage that is running.
    async fn run(&mut self, me: &Me<Self>, job: Job) -> Result<(), Halt> {
        let JobState::Running(running) = &job.state else { return Ok(()) };
        let stage = running.work.stage;
        me.show(stage.as_str(), Some(format!("attempt {}", running.work.attempt)));
        match stage {
            Stage::Ingest => {
                if let Some(donor) = self.donor(&job).await? {
                    return self.take_over(me, job, donor).await;
                }
                self.ingest(me, &job);
                Ok(())
            }
            Stage::Transcribe => self.listen(me, job).await,
            Stage::Compose => self.compose(me, job).await,
        }
    }

    /// A stage has failed: the machine decides what its failure means.
    pub(super) async fn broke(
        &mut self,
        me: &Me<Self>,
        job: Job,
        why: Failure,
    ) -> Result<(), Halt> {
        tracing::warn!(job = %self.id, code = why.code, reason = why.message, "a stage failed");
        let policy = self.shared.config.engine.retry();
        let how = Break { why, policy, jitter: fastrand::f64() };
        let epoch = job.epoch;
        self.advance(me, job, Event::Broke(epoch, how)).await
    }

    /// Asks again in a moment for what was busy or lost; no attempt is spent on that.
    pub(super) fn continue_later(me: &Me<Self>, epoch: Epoch) {
        me.address().after(Duration::from_millis(100), move || JobMsg::Continue(epoch));
    }

    /// What can be made again from the recording is not kept beyond the job's end.
    fn rest(&self, job: &Job) {
        if job.state == JobState::Done
            && let Err(error) = self.shared.folder.forget_sound(self.id)
        {
            tracing::warn!(job = %self.id, %error, "cannot remove the decoded sound");
        }
    }
}
