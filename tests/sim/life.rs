//! A claimed job in the hands of a node: each action is one transaction, or one call of the outside world.

use crate::world::{Halt, World};
use chrono::TimeDelta;
use diarist::domain::failure::{Failure, Verdict};
use diarist::domain::job::{AudioFacts, ChunkRange, Job};
use diarist::domain::job_state::{Break, Event, JobState, Stage};
use diarist::domain::llm::{CallId, CallKey, CallState, ProviderId, Usage};
use diarist::domain::retry::RetryPolicy;
use diarist::domain::transcript::Segment;
use diarist::store::llm_calls::Ending;
use diarist::store::{Tx, chunks, jobs, llm_calls};
use uuid::Uuid;

const POLICY: RetryPolicy = RetryPolicy { max_attempts: 4, base_ms: 500, cap_ms: 4_000 };
const POISON: i64 = 5;
const SECOND: u64 = 16_000;
/// Of an answer, in millionths of a dollar.
pub const PRICE: i64 = 10;

pub struct Hand {
    pub job: Job,
    call: Call,
}

/// How far a call of a language model has come, as its maker knows.
enum Call {
    None,
    Planned(CallId),
    Sent(CallId),
    Answered(CallId, bool),
}

impl Hand {
    pub fn new(job: Job) -> Self {
        Self { job, call: Call::None }
    }

    pub fn told(&self) -> String {
        format!(
            "works on {} epoch {} as {}",
            self.job.id,
            self.job.epoch.0,
            self.job.state.status()
        )
    }

    /// Says whether the job stays in hand.
    pub async fn act(&mut self, world: &mut World<'_>) -> Result<bool, Halt> {
        match self.job.state.work().map(|work| work.stage) {
            Some(Stage::Ingest) => self.ingest(world).await,
            Some(Stage::Transcribe) => self.listen(world).await,
            Some(Stage::Compose) => self.compose(world).await,
            None => Ok(false),
        }
    }

    async fn ingest(&mut self, world: &mut World<'_>) -> Result<bool, Halt> {
        if world.happens(10) {
            return self.end(world, broke(Failure::retry("decoder_died", "it died", ""))).await;
        }
        let ranges: Vec<ChunkRange> = (0..world.random.u64(1..5))
            .map(|n| ChunkRange { start_sample: n * SECOND, end_sample: (n + 1) * SECOND })
            .collect();
        let mut tx = world.store.write().await?;
        let audio =
            AudioFacts { duration_ms: Some(ranges.len() as u64 * 1_000), ..AudioFacts::default() };
        let job = jobs::learn(&mut tx, &self.job, &audio, None, Some("en"), Stage::Ingest.span().1);
        self.job = job.await?;
        chunks::plan(&mut tx, &self.job, &ranges).await?;
        self.finish(world, tx).await
    }

    async fn listen(&mut self, world: &mut World<'_>) -> Result<bool, Halt> {
        let all = chunks::list(world.store, &world.tenant, self.job.id).await?;
        let open: Vec<_> = all.iter().filter(|chunk| chunk.segments.is_none()).collect();
        if open.is_empty() {
            let tx = world.store.write().await?;
            return self.finish(world, tx).await;
        }
        let chunk = open[world.random.usize(0..open.len())];
        let mut tx = world.store.write().await?;
        if world.happens(8) {
            let deaths = chunks::count_death(&mut tx, &self.job, chunk.idx).await?;
            world.commit(tx).await?;
            if deaths >= POISON {
                return self
                    .end(world, broke(Failure::give_up("poisonous_chunk", "again", "")))
                    .await;
            }
            return Ok(true);
        }
        let text = format!("chunk {}", chunk.idx);
        let segments = [Segment { text, ..Segment::default() }];
        let (from, to) = Stage::Transcribe.span();
        let done = (all.len() - open.len() + 1) as f64 / all.len() as f64;
        let fraction = from + (to - from) * done;
        let heard = chunks::Heard { idx: chunk.idx, segments: &segments, fraction, cpu_ms: 1 };
        self.job = chunks::finish(&mut tx, &self.job, heard, world.now).await?;
        world.commit(tx).await?;
        Ok(true)
    }

    /// Plans, sends, is answered, settles: each is an action of its own, so that anything may come between.
    async fn compose(&mut self, world: &mut World<'_>) -> Result<bool, Halt> {
        match std::mem::replace(&mut self.call, Call::None) {
            Call::None => self.look_into_the_books(world).await,
            Call::Planned(id) => {
                let mut tx = world.store.write().await?;
                llm_calls::send(&mut tx, &self.job, id, world.now).await?;
                world.commit(tx).await?;
                self.call = Call::Sent(id);
                Ok(true)
            }
            Call::Sent(id) => {
                let is_answered = !world.happens(20);
                world.ledger.called(self.job.id, id)?;
                self.call = Call::Answered(id, is_answered);
                Ok(true)
            }
            Call::Answered(id, is_answered) => self.settle(world, id, is_answered).await,
        }
    }

    async fn look_into_the_books(&mut self, world: &mut World<'_>) -> Result<bool, Halt> {
        let mut books = llm_calls::list(world.store, &self.job).await?;
        if books.iter().any(|call| matches!(call.state, CallState::Planned | CallState::Sent)) {
            let mut tx = world.store.write().await?;
            llm_calls::lose_open(&mut tx, &self.job, world.now).await?;
            world.commit(tx).await?;
            books = llm_calls::list(world.store, &self.job).await?;
        }
        // What was paid for is used, and what may have been paid for is not asked again.
        if books.iter().any(|call| matches!(call.state, CallState::Settled | CallState::Uncertain))
        {
            let tx = world.store.write().await?;
            return self.finish(world, tx).await;
        }
        let number = u128::from(world.number());
        let id = CallId(Uuid::from_u128(self.job.id.0.as_u128() ^ (number << 96)));
        let text = |text: &str| text.to_owned();
        let key = CallKey {
            provider: ProviderId::Openai,
            model: text("m"),
            template: text("diary"),
            hash: text("h"),
        };
        let mut tx = world.store.write().await?;
        llm_calls::plan(&mut tx, &self.job, id, &key, world.now).await?;
        world.commit(tx).await?;
        self.call = Call::Planned(id);
        Ok(true)
    }

    async fn settle(
        &mut self,
        world: &mut World<'_>,
        id: CallId,
        is_answered: bool,
    ) -> Result<bool, Halt> {
        let limited = Failure {
            verdict: Verdict::Park { until: world.now + TimeDelta::seconds(2) },
            ..Failure::retry("rate_limited", "slowly", "")
        };
        let ending = Ending {
            outcome: if is_answered { Ok("a note") } else { Err(&limited) },
            usage: is_answered.then(Usage::default),
            usd_micros: is_answered.then_some(PRICE),
        };
        let mut tx = world.store.write().await?;
        llm_calls::settle(&mut tx, &self.job, id, &ending, world.now).await?;
        world.commit(tx).await?;
        if is_answered { Ok(true) } else { self.end(world, broke(limited)).await }
    }

    /// The stage is done: the last step of a transaction.
    async fn finish(&mut self, world: &mut World<'_>, tx: Tx) -> Result<bool, Halt> {
        self.save(world, tx, Event::Finished(self.job.epoch)).await
    }

    async fn end(&mut self, world: &mut World<'_>, how: Break) -> Result<bool, Halt> {
        let tx = world.store.write().await?;
        self.save(world, tx, Event::Broke(self.job.epoch, how)).await
    }

    async fn save(
        &mut self,
        world: &mut World<'_>,
        mut tx: Tx,
        event: Event,
    ) -> Result<bool, Halt> {
        let epoch = self.job.epoch;
        let state = match self.job.state.clone() {
            // Without fencing the holder goes by the number that is current.
            JobState::Running(mut running) => {
                running.epoch = epoch;
                JobState::Running(running)
            }
            state => state,
        };
        let step = state.apply(event, world.now);
        let step = step.map_err(|refused| Halt::Broken(refused.to_string()))?;
        jobs::save(&mut tx, &self.job, &step.next, world.now).await?;
        world.commit(tx).await?;
        world.ledger.given_back(self.job.id, epoch);
        Ok(false)
    }
}

fn broke(why: Failure) -> Break {
    Break { why, policy: POLICY, jitter: 0.5 }
}
