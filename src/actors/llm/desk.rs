//! One provider's desk: makes its calls, a few at once and within its quota, and writes each into the books itself.

use super::messages::{Asked, DeskMsg, Outcome};
use super::quota::Quota;
use crate::actors::engine::Shared;
use crate::actors::supervise::{ActorSpec, Fault, Me, Post, Restart, Role};
use crate::clock;
use crate::domain::Timestamp;
use crate::domain::ids::JobId;
use crate::domain::job::Job;
use crate::domain::llm::{CallId, Usage};
use crate::failpoint;
use crate::providers::llm::{Answer, Ask, Broken, Provider};
use crate::store::{StoreError, llm_calls};
use crate::telemetry::chain;
use crate::telemetry::metrics::{LLM_INPUT_TOKENS, LLM_OUTPUT_TOKENS};
use async_trait::async_trait;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Calls that may wait at one desk; one more is turned away.
const WAITING_MAX: usize = 64;
/// Between two tries to keep an answer.
const SHORTEST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

pub struct DeskActor {
    shared: Arc<Shared>,
    provider: Arc<dyn Provider>,
    quota: Quota,
    most: usize,
    waiting: VecDeque<Box<Asked>>,
    running: BTreeMap<u64, (JobId, CancellationToken)>,
    next: u64,
    /// The calls under way; they end with this actor.
    calls: JoinSet<()>,
}

pub struct DeskArgs {
    pub shared: Arc<Shared>,
    pub provider: Arc<dyn Provider>,
    pub post: Post<DeskMsg>,
}

#[async_trait]
impl Role for DeskActor {
    type Args = DeskArgs;
    type Message = DeskMsg;
    const SPEC: ActorSpec = ActorSpec::new("llm-desk", WAITING_MAX as i64, Restart::permanent(10));

    async fn start(
        me: &Me<Self>,
        DeskArgs { shared, provider, post }: Self::Args,
    ) -> Result<Self, Fault> {
        let config = shared.staff.config.provider(provider.id());
        let quota = Quota::new(config.requests_per_minute, config.tokens_per_minute);
        let most = config.max_concurrency;
        let (waiting, running) = (VecDeque::new(), BTreeMap::new());
        post.set(me.address().clone());
        Ok(Self { shared, provider, quota, most, waiting, running, next: 0, calls: JoinSet::new() })
    }

    async fn handle(&mut self, me: &Me<Self>, message: DeskMsg) -> Result<(), Fault> {
        match message {
            DeskMsg::Call(asked) if self.waiting.len() >= WAITING_MAX => {
                asked.reply.give(Outcome::NotMade);
            }
            DeskMsg::Call(asked) => self.waiting.push_back(asked),
            DeskMsg::Abort(job) => self.abort(job),
            DeskMsg::Ended(number) => {
                self.running.remove(&number);
            }
            DeskMsg::Look => {}
        }
        while self.calls.try_join_next().is_some() {}
        self.fill(me);
        let state = if self.running.is_empty() { "idle" } else { "asking" };
        let waiting = self.waiting.len();
        let current = format!("{} calls, {waiting} waiting", self.running.len());
        me.show(state, Some(current).filter(|_| state != "idle" || waiting > 0));
        Ok(())
    }
}

impl DeskActor {
    /// Ends the calls of a job that are not answered yet; the answer of another one is kept.
    fn abort(&mut self, job: JobId) {
        self.waiting.retain(|asked| asked.job.id != job);
        self.running
            .values()
            .filter(|(of, _)| *of == job)
            .for_each(|(_, unwanted)| unwanted.cancel());
    }

    fn fill(&mut self, me: &Me<Self>) {
        while self.running.len() < self.most {
            let Some(asked) = self.waiting.front() else { return };
            let tokens = asked.ask.tokens() + u64::from(asked.ask.max_output_tokens);
            if let Err(wait) = self.quota.take(tokens, clock::tick()) {
                me.address().after(wait, || DeskMsg::Look);
                return;
            }
            let Some(asked) = self.waiting.pop_front() else { return };
            self.next += 1;
            let (number, address) = (self.next, me.address().clone());
            let (shared, provider) = (self.shared.clone(), self.provider.clone());
            let job = asked.job.id;
            let unwanted = CancellationToken::new();
            self.running.insert(number, (job, unwanted.clone()));
            self.calls.spawn(async move {
                let Asked { job, call, ask, reply } = *asked;
                let under_way = shared.calls.hold(call);
                let made = make(&shared, provider.as_ref(), (&job, call), &ask, &unwanted).await;
                drop(under_way);
                let outcome = made.unwrap_or_else(|error| {
                    tracing::warn!(job = %job.id, error = chain(&error), "a call is not in the books");
                    Outcome::NotMade
                });
                reply.give(outcome);
                // A desk that is gone counts no calls.
                let _ = address.report(DeskMsg::Ended(number));
            });
        }
    }
}

/// Writes down, asks, writes down: a crash at any point leaves books that say how far it came.
async fn make(
    shared: &Shared,
    provider: &dyn Provider,
    (job, call): (&Job, CallId),
    ask: &Ask,
    unwanted: &CancellationToken,
) -> Result<Outcome, StoreError> {
    let mut tx = shared.store.write().await?;
    llm_calls::send(&mut tx, job, call, clock::now()).await?;
    tx.commit().await?;
    failpoint::pass("send.before");
    let nothing = |_: &str| {};
    let answered = tokio::select! {
        biased;
        answered = provider.ask(ask, &nothing) => answered,
        // Its connection closes with the future that holds it.
        () = unwanted.cancelled() => return Ok(Outcome::NotMade),
    };
    failpoint::pass("send.after");
    let now = clock::now();
    let cost = |usage: Usage| shared.staff.prices.cost(provider.id(), &ask.model, usage);
    let failure;
    let ending = match &answered {
        Ok(Answer { text, usage }) => {
            llm_calls::Ending { outcome: Ok(text), usage: *usage, usd_micros: usage.and_then(cost) }
        }
        Err(Broken { error, usage }) => {
            failure = error.to_failure(now);
            let (provider, code) = (provider.id().as_str(), failure.code.as_str());
            tracing::warn!(job = %job.id, provider, code, reason = failure.message, "a call failed");
            let unsaid = error.is_free().then_some(0);
            llm_calls::Ending {
                outcome: Err(&failure),
                usage: *usage,
                usd_micros: usage.map_or(unsaid, cost),
            }
        }
    };
    count(shared, ending.usage.unwrap_or_default());
    settle(shared, job, call, &ending, now).await?;
    shared.tell(job.id);
    Ok(Outcome::Ended)
}

/// Writes down how a call has ended. What has been paid for is kept for as long as the database is away or has no room;
/// settled twice, where only the word of the first commit was lost, it is settled once.
async fn settle(
    shared: &Shared,
    job: &Job,
    call: CallId,
    ending: &llm_calls::Ending<'_>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut wait = SHORTEST_WAIT;
    loop {
        let settled = async {
            let mut tx = shared.store.write().await?;
            llm_calls::settle(&mut tx, job, call, ending, at).await?;
            tx.commit().await
        };
        match settled.await {
            Err(error) if error.is_transient() => {
                tracing::warn!(job = %job.id, error = chain(&error), "an answer waits to be kept");
            }
            settled => return settled,
        }
        tokio::time::sleep(wait.mul_f64(fastrand::f64().max(0.5))).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

fn count(shared: &Shared, usage: Usage) {
    shared.metrics.record(|| {
        LLM_INPUT_TOKENS.add(usage.input_tokens);
        LLM_OUTPUT_TOKENS.add(usage.output_tokens);
    });
}
