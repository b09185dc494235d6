//! One claim of one job: runs a stage, saves each step, and ends with the claim.

use super::messages::{JobMsg, JobsMsg};
use super::stages::Listening;
use crate::actors::engine::{Shared, Stages};
use crate::actors::supervise::{ActorSpec, Fault, Leaving, Limits, Me, Post, Restart, Role};
use crate::actors::whisper::PoolMsg;
use crate::actors::writer;
use crate::clock;
use crate::domain::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::ids::{Epoch, JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::job_state::{Break, Effect, Event, JobState, Stage, Step};
use crate::store::transitions::{Guard, Transition};
use crate::store::{StoreError, Tx, jobs};
use crate::telemetry::chain;
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;

/// A job may stand behind a recording of many hours. That is told, and no reason to begin anew.
const PATIENCE: Limits = Limits::ORDINARY.work(Duration::from_secs(6 * 3_600));

/// The wait before what was busy or lost is asked for again.
const ASK_AGAIN: Duration = Duration::from_millis(100);

pub struct JobActor {
    pub(super) shared: Arc<Shared>,
    supervisor: Post<JobsMsg>,
    tenant: TenantId,
    id: JobId,
    /// The claim that this actor works under.
    epoch: Epoch,
    /// The job as it was claimed, until it is asked for.
    claimed: Option<Job>,
    pub(super) listening: Option<Listening>,
    /// How often it was put off since something was done for it.
    pub(super) put_off: u32,
    /// It gives its place up once nothing is under way for it.
    pub(super) yields: bool,
    /// The node ends: nothing is begun any more.
    pub(super) is_leaving: bool,
}

pub struct JobArgs {
    pub shared: Arc<Shared>,
    pub supervisor: Post<JobsMsg>,
    /// Where this actor is found.
    pub post: Post<JobMsg>,
    /// As it was claimed.
    pub job: Job,
}

/// Why a step of a job was not made.
pub(super) enum Halt {
    /// Somebody else has moved the job on: it is theirs now.
    Stale,
    /// The database is away: the step is made again when it is back, by whoever takes the job up then.
    Away(StoreError),
    Fault(Fault),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::StaleEpoch { .. } | StoreError::StaleVersion { .. } => Self::Stale,
            away if away.is_transient() => Self::Away(away),
            other => Self::Fault(Fault { reason: chain(&other) }),
        }
    }
}

#[async_trait]
impl Role for JobActor {
    type Args = JobArgs;
    type Message = JobMsg;
    const SPEC: ActorSpec = ActorSpec::new("job", 64, Restart::transient(5)).limits(PATIENCE);

    async fn start(me: &Me<Self>, args: Self::Args) -> Result<Self, Fault> {
        let JobArgs { shared, supervisor, post, job } = args;
        let (tenant, id, epoch) = (job.tenant.clone(), job.id, job.epoch);
        post.set(me.address().clone());
        // An actor that is starting can always be sent to.
        let _ = me.address().report(JobMsg::Begin);
        Ok(Self {
            shared,
            supervisor,
            tenant,
            id,
            epoch,
            claimed: Some(job),
            listening: None,
            put_off: 0,
            yields: false,
            is_leaving: false,
        })
    }

    async fn handle(&mut self, me: &Me<Self>, message: JobMsg) -> Result<(), Fault> {
        let outcome = self.take(me, message).await;
        settled(me, self.id, outcome)
    }

    async fn leave(&mut self, me: &Me<Self>) -> Result<Leaving, Fault> {
        (self.yields, self.is_leaving) = (true, true);
        let outcome = self.give_back(me).await;
        settled(me, self.id, outcome)?;
        Ok(Leaving::Later)
    }
}

/// Whether a step was made; a job that is somebody else's needs none.
fn settled(me: &Me<JobActor>, id: JobId, outcome: Result<(), Halt>) -> Result<(), Fault> {
    match outcome {
        Ok(()) => Ok(()),
        Err(Halt::Fault(fault)) => Err(fault),
        Err(Halt::Away(error)) => {
            tracing::warn!(job = %id, error = chain(&error), "the database is away");
            me.end();
            Ok(())
        }
        Err(Halt::Stale) => {
            tracing::debug!(job = %id, "moved on by somebody else");
            me.end();
            Ok(())
        }
    }
}

impl JobActor {
    async fn take(&mut self, me: &Me<Self>, message: JobMsg) -> Result<(), Halt> {
        let job = self.held().await?;
        match message {
            JobMsg::Begin | JobMsg::Continue => self.run(me, job).await,
            JobMsg::Yield => {
                self.yields = true;
                if self.listening.is_some() { self.listen(me, job).await } else { Ok(()) }
            }
            JobMsg::Overdue => self.overdue(me, job).await,
            JobMsg::Ingested(answer) => self.ingested(me, job, answer).await,
            JobMsg::Listened(answer) => self.listened(me, job, answer).await,
            JobMsg::Composed(note) => self.composed(me, job, note).await,
            JobMsg::Asked(outcome) => self.asked(me, job, outcome).await,
        }
    }

    /// The job, as long as it is this actor's.
    async fn held(&mut self) -> Result<Job, Halt> {
        if let Some(job) = self.claimed.take() {
            return Ok(job);
        }
        let found = jobs::get(&self.shared.store, &self.tenant, self.id).await?;
        found.filter(|job| job.state.epoch() == Some(self.epoch)).ok_or(Halt::Stale)
    }

    /// Ends the claim as soon as nothing is under way of which the result would be lost.
    async fn give_back(&mut self, me: &Me<Self>) -> Result<(), Halt> {
        let job = self.held().await?;
        match job.state.work().map(|work| work.stage) {
            Some(Stage::Ingest) => self.advance(me, job, Event::Interrupted).await,
            Some(Stage::Transcribe) => {
                // What only waits for a slot is answered as lost; what is being heard is heard to its end.
                let _ = self.shared.whisper.report(PoolMsg::Withdraw(self.id));
                self.listen(me, job).await
            }
            // A call has been sent, or the composer is at it: its answer ends this.
            Some(Stage::Compose) | None => Ok(()),
        }
    }

    /// The transition that ends this claim, where nothing else is to be written with it.
    pub(super) async fn advance(
        &mut self,
        me: &Me<Self>,
        job: Job,
        event: Event,
    ) -> Result<(), Halt> {
        let Some((step, at)) = self.decide(&job, event) else { return Ok(()) };
        let effect = step.effect;
        let step = Transition { job, next: step.next, guard: Guard::Held, at };
        let job = writer::save(&self.shared.writer, step).await?;
        self.advanced(me, &job, effect, at);
        Ok(())
    }

    /// Ends a transaction, the claim and this actor with a transition. What comes next is claimed anew.
    pub(super) async fn advance_in(
        &mut self,
        me: &Me<Self>,
        mut tx: Tx,
        job: Job,
        event: Event,
    ) -> Result<(), Halt> {
        let Some((step, at)) = self.decide(&job, event) else { return Ok(()) };
        let job = jobs::save(&mut tx, &job, &step.next, at).await?;
        tx.commit().await?;
        self.shared.tell(self.id);
        self.advanced(me, &job, step.effect, at);
        Ok(())
    }

    fn decide(&self, job: &Job, event: Event) -> Option<(Step, Timestamp)> {
        let now = clock::now();
        match job.state.clone().apply(event, now) {
            Ok(step) => Some((step, now)),
            Err(refused) => {
                tracing::debug!(job = %self.id, %refused, "a late event is refused");
                None
            }
        }
    }

    fn advanced(&self, me: &Me<Self>, job: &Job, effect: Effect, now: Timestamp) {
        match effect {
            Effect::Lease { not_before: at } | Effect::Wake { at } if at > now => {
                // The supervisor looks at the database anyway; this only makes it look in time.
                let _ = self.supervisor.report(JobsMsg::WakeAt(at));
            }
            Effect::Rest => self.rest(job),
            _ => {}
        }
        me.end();
    }

    /// Starts, or goes on with, the stage that is running.
    async fn run(&mut self, me: &Me<Self>, job: Job) -> Result<(), Halt> {
        let JobState::Running(running) = &job.state else { return Ok(()) };
        if self.shared.stages == Stages::Null {
            let end = Event::Finished(running.epoch);
            return self.advance(me, job, end).await;
        }
        let stage = running.work.stage;
        me.pulse().beat();
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

    async fn overdue(&mut self, me: &Me<Self>, job: Job) -> Result<(), Halt> {
        let Some(work) = job.state.work() else { return Ok(()) };
        let deadline = self.shared.config.engine.deadline(work.stage);
        let message = format!("{} took longer than {deadline:?}", work.stage.as_str());
        let hint = "`diarist admin actors` shows what is slow; or raise the stage's deadline";
        self.broke(me, job, Failure::retry("stage_overdue", message, hint)).await
    }

    /// Asks again in a moment for what was busy or lost, and less often each time; no attempt is spent on that.
    pub(super) fn continue_later(&mut self, me: &Me<Self>) {
        let most = ASK_AGAIN.saturating_mul(1 << self.put_off.min(5));
        self.put_off += 1;
        me.address().after(most.mul_f64(0.5 + fastrand::f64() / 2.0), || JobMsg::Continue);
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
