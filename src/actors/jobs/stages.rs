//! The first two stages of a job: asks ingest and the whisper pool, and keeps what they answer.

use super::job::{Halt, JobActor};
use super::messages::{JobMsg, Listened};
use crate::actors::engine::Shared;
use crate::actors::ingest::{Answer, Asked, IngestMsg};
use crate::actors::supervise::{Me, Reply};
use crate::actors::whisper::{Heard, Outcome, PoolMsg, Sound, Task, What};
use crate::clock;
use crate::domain::failure::Failure;
use crate::domain::job::{AudioFacts, ChunkRange, Job};
use crate::domain::job_state::{Event, Stage};
use crate::domain::transcript::Segment;
use crate::providers::audio::{Chunk, DecodeReport, Mode};
use crate::store::{chunks, gaps, jobs, passages, removals};
use crate::telemetry::metrics::{TRANSCRIBED_MS, WHISPER_CPU_MS};
use std::collections::BTreeSet;

/// Sound this long tells its language well; of the first few chunks the first such one is asked.
const TELLING_MS: u64 = 5_000;
const TELLING_CHUNKS: usize = 4;

/// A transcription under way: which chunks are asked for, and how much of the sound is done.
pub(super) struct Listening {
    chunks: Vec<chunks::Chunk>,
    asked: BTreeSet<i64>,
}

impl JobActor {
    pub(super) fn ingest(&self, me: &Me<Self>, job: &Job) {
        if let Ok(model) = self.shared.weights(&job.model) {
            // Loading the model while the file is decoded saves its time; nothing depends on it.
            let _ = self.shared.whisper.send(PoolMsg::Warm(model));
        }
        let asker = me.address().clone();
        let reply = Reply::new(move |answer| {
            let _ = asker.report(JobMsg::Ingested(answer));
        });
        let input = match self.shared.folder.original(job.id) {
            Ok(input) => input,
            Err(error) => {
                let hint = "was it removed from the data folder?";
                let why = Failure::give_up("recording_missing", error.to_string(), hint);
                return reply.give(Err(why));
            }
        };
        let output = self.shared.folder.sound(job.id);
        let request = self.shared.decode_request(input, output, Mode::Decode);
        let timeout = self.shared.config.audio.decode_timeout();
        // The places for jobs bound it. A room that is gone drops the message, which tells us through its reply.
        let _ = self.shared.ingest.report(IngestMsg::Decode(Asked {
            job: Some(job.id),
            request,
            timeout,
            reply,
        }));
    }

    /// A finished job with the very text that this one would get, unless the person wants it heard anew.
    pub(super) async fn donor(&self, job: &Job) -> Result<Option<Job>, Halt> {
        if job.options.force {
            return Ok(None);
        }
        Ok(jobs::same_hearing(&self.shared.store, job).await?)
    }

    /// Takes cuts and text of a finished job: what was heard once is not heard again.
    pub(super) async fn take_over(
        &mut self,
        me: &Me<Self>,
        job: Job,
        donor: Job,
    ) -> Result<(), Halt> {
        let chunks = chunks::list(&self.shared.store, &donor.tenant, donor.id).await?;
        let gaps = gaps::list(&self.shared.store, &donor.tenant, donor.id).await?;
        let ranges: Vec<ChunkRange> = chunks.iter().map(|chunk| chunk.range).collect();
        let (from, to) = Stage::Transcribe.span();
        let mut tx = self.shared.store.write().await?;
        if !removals::is_there(&mut tx, donor.id).await? {
            // Removed meanwhile, and perhaps before all of its text was read.
            self.ingest(me, &job);
            return Ok(());
        }
        let (at, language) = (job.recorded_at, donor.language.as_deref());
        let job = jobs::learn(&mut tx, &job, &donor.audio, at, language, from).await?;
        let mut job = gaps::keep(&mut tx, &job, &gaps, clock::now()).await?;
        chunks::plan(&mut tx, &job, &ranges).await?;
        for chunk in &chunks {
            let segments = chunk.segments.as_deref().unwrap_or_default();
            let heard = chunks::Heard { idx: chunk.idx, segments, fraction: to, cpu_ms: 0 };
            job = chunks::finish(&mut tx, &job, heard, clock::now()).await?;
        }
        let epoch = job.epoch;
        self.advance_in(me, tx, job, Event::Finished(epoch)).await
    }

    pub(super) async fn ingested(
        &mut self,
        me: &Me<Self>,
        job: Job,
        answer: Option<Answer>,
    ) -> Result<(), Halt> {
        let report = match answer {
            None => {
                self.continue_later(me);
                return Ok(());
            }
            Some(Err(why)) => return self.broke(me, job, why).await,
            Some(Ok(report)) => report,
        };
        if job.state.work().is_some_and(|work| work.stage == Stage::Transcribe) {
            return self.listen(me, job).await;
        }
        let audio = facts(&report, &job.audio);
        let ranges: Vec<ChunkRange> = report.chunks.iter().map(to_range).collect();
        let language = job.language.as_deref().or(given_language(&job));
        let mut tx = self.shared.store.write().await?;
        let job =
            jobs::learn(&mut tx, &job, &audio, job.recorded_at, language, Stage::Ingest.span().1)
                .await?;
        let job = gaps::keep(&mut tx, &job, &report.gaps, clock::now()).await?;
        chunks::plan(&mut tx, &job, &ranges).await?;
        let epoch = job.epoch;
        self.advance_in(me, tx, job, Event::Finished(epoch)).await
    }

    /// Asks the pool for the language, then for a few chunks at a time, until all have their text.
    pub(super) async fn listen(&mut self, me: &Me<Self>, job: Job) -> Result<(), Halt> {
        if self.listening.is_none() {
            let chunks = chunks::list(&self.shared.store, &job.tenant, job.id).await?;
            self.listening = Some(Listening { chunks, asked: BTreeSet::new() });
        }
        let Some(listening) = &mut self.listening else { return Ok(()) };
        let Some(open) = listening.chunks.iter().find(|chunk| chunk.segments.is_none()) else {
            let epoch = job.epoch;
            let mut tx = self.shared.store.write().await?;
            // Title and tags may have been changed since it was read.
            let job = jobs::hold(&mut tx, &job).await?;
            // From here on it can be found by what it says, whatever becomes of its note.
            passages::put(&mut tx, &job, None).await?;
            return self.advance_in(me, tx, job, Event::Finished(epoch)).await;
        };
        if self.yields {
            // What is under way is finished and kept first.
            return match listening.asked.is_empty() {
                true => self.advance(me, job, Event::Interrupted).await,
                false => Ok(()),
            };
        }
        if !self.shared.folder.sound(job.id).is_file() {
            // It can be made again: the same recording always gives the same samples.
            if listening.asked.is_empty() {
                self.ingest(me, &job);
            }
            return Ok(());
        }
        if let Some(language) = job.language.clone() {
            let window = self.shared.slots.get() + 1;
            let open = listening.chunks.iter().filter(|chunk| chunk.segments.is_none());
            let wanted: Vec<chunks::Chunk> = open
                .filter(|chunk| !listening.asked.contains(&chunk.idx))
                .take(window.saturating_sub(listening.asked.len()))
                .cloned()
                .collect();
            for chunk in wanted {
                listening.asked.insert(chunk.idx);
                let what = What::Transcribe {
                    language: language.clone(),
                    task: job.options.task,
                    word_timestamps: job.options.word_timestamps,
                    prompt: job.options.prompt(),
                    temperature: job.options.temperature,
                    tokens: job.options.tokens,
                };
                ask(&self.shared, me, &job, Some(chunk.idx), &chunk, what);
            }
            let done = listening.chunks.iter().filter(|chunk| chunk.segments.is_some()).count();
            let (all, asked) = (listening.chunks.len(), listening.asked.len());
            let current = format!("{done} of {all} chunks, {asked} asked for");
            me.show(Stage::Transcribe.as_str(), Some(current));
        } else if listening.asked.insert(open.idx) {
            let mut few = listening.chunks.iter().take(TELLING_CHUNKS);
            let telling = few.find(|chunk| chunk.range.duration_ms() >= TELLING_MS);
            let chunk = telling.unwrap_or(open).clone();
            let what = What::Detect { among: job.options.languages.clone() };
            ask(&self.shared, me, &job, None, &chunk, what);
        }
        Ok(())
    }

    pub(super) async fn listened(
        &mut self,
        me: &Me<Self>,
        job: Job,
        answer: Listened,
    ) -> Result<(), Halt> {
        let Some(listening) = &mut self.listening else { return Ok(()) };
        match answer.chunk {
            Some(idx) => drop(listening.asked.remove(&idx)),
            None => listening.asked.clear(),
        }
        match (answer.outcome, answer.chunk) {
            (None, _) => {
                self.continue_later(me);
                Ok(())
            }
            (Some(Outcome::Failed(why)), _) if why.code == "busy" => {
                // Whatever it still waits for goes on with the others when it is answered.
                if listening.asked.is_empty() {
                    self.continue_later(me);
                }
                Ok(())
            }
            (Some(Outcome::Failed(why)), _) => self.broke(me, job, why).await,
            (Some(Outcome::Died), idx) => self.died(me, job, idx).await,
            (Some(Outcome::Heard(Heard::Language { code, .. })), _) => {
                let mut tx = self.shared.store.write().await?;
                let (at, fraction) = (job.recorded_at, job.fraction);
                let audio = job.audio.clone();
                let job = jobs::learn(&mut tx, &job, &audio, at, Some(&code), fraction).await?;
                tx.commit().await?;
                self.listen(me, job).await
            }
            (Some(Outcome::Heard(Heard::Text(chunk))), Some(idx)) => {
                let job = self.heard(job, idx, chunk.segments, chunk.cpu_ms).await?;
                self.listen(me, job).await
            }
            (Some(Outcome::Heard(Heard::Text(_))), None) => Ok(()),
        }
    }

    async fn heard(
        &mut self,
        job: Job,
        idx: i64,
        segments: Vec<Segment>,
        cpu_ms: u64,
    ) -> Result<Job, Halt> {
        self.put_off = 0;
        let Some(listening) = &mut self.listening else { return Ok(job) };
        for chunk in &mut listening.chunks {
            chunk.deaths = 0;
            if chunk.idx == idx {
                chunk.segments = Some(segments.clone());
            }
        }
        let of_this = listening.chunks.iter().find(|chunk| chunk.idx == idx);
        let sound_ms = of_this.map_or(0, |chunk| chunk.range.duration_ms());
        let samples = |done: bool| {
            let of = listening.chunks.iter().filter(|chunk| !done || chunk.segments.is_some());
            of.map(|chunk| chunk.range.samples()).sum::<u64>() as f64
        };
        let done = samples(true) / samples(false).max(1.0);
        let (from, to) = Stage::Transcribe.span();
        let fraction = from + (to - from) * done;
        let heard =
            chunks::Heard { idx, segments: &segments, fraction, cpu_ms: cpu_ms.cast_signed() };
        let mut tx = self.shared.store.write().await?;
        let job = chunks::finish(&mut tx, &job, heard, clock::now()).await?;
        tx.commit().await?;
        self.shared.metrics.record(|| {
            TRANSCRIBED_MS.add(sound_ms);
            WHISPER_CPU_MS.add(cpu_ms);
        });
        self.shared.tell(job.id);
        Ok(job)
    }

    /// A worker died over a chunk. That may be chance, but not again and again. Whoever died while it only
    /// listened for the language is counted with the first chunk.
    async fn died(&mut self, me: &Me<Self>, job: Job, idx: Option<i64>) -> Result<(), Halt> {
        let idx = idx.unwrap_or(0);
        let mut tx = self.shared.store.write().await?;
        let deaths = chunks::count_death(&mut tx, &job, idx).await?;
        tx.commit().await?;
        let chunks = self.listening.iter_mut().flat_map(|listening| &mut listening.chunks);
        for chunk in chunks.filter(|chunk| chunk.idx == idx) {
            chunk.deaths = deaths;
        }
        if deaths >= self.shared.config.whisper.deaths_max {
            let why = format!("{deaths} workers died over the same piece of sound");
            let hint = "check the free memory; a smaller model, or converting the file, may help";
            return self.broke(me, job, Failure::give_up("poisonous_chunk", why, hint)).await;
        }
        self.continue_later(me);
        Ok(())
    }
}

fn ask(
    shared: &Shared,
    me: &Me<JobActor>,
    job: &Job,
    asked_as: Option<i64>,
    chunk: &chunks::Chunk,
    what: What,
) {
    let asker = me.address().clone();
    let reply = Reply::new(move |outcome| {
        let _ = asker.report(JobMsg::Listened(Listened { chunk: asked_as, outcome }));
    });
    let model = match shared.weights(&job.model) {
        Ok(model) => model,
        Err(why) => return reply.give(Outcome::Failed(why)),
    };
    let sound = Sound { pcm: shared.folder.sound(job.id), range: chunk.range };
    let suspect = chunk.deaths > 0;
    // The places for jobs bound it. A room that is gone drops the task, which tells us through its reply.
    let _ = shared.whisper.report(PoolMsg::Do(Task {
        job: job.id,
        lane: job.lane(),
        model,
        sound,
        what,
        suspect,
        reply,
    }));
}

fn given_language(job: &Job) -> Option<&str> {
    Some(job.options.language.as_str()).filter(|language| *language != "auto")
}

fn facts(report: &DecodeReport, before: &AudioFacts) -> AudioFacts {
    AudioFacts {
        duration_ms: report.probe.duration_ms,
        format: report.probe.format.clone(),
        codec: report.probe.codec.clone(),
        channels: report.probe.channels,
        sample_rate_hz: report.probe.sample_rate_hz,
        ..before.clone()
    }
}

fn to_range(chunk: &Chunk) -> ChunkRange {
    ChunkRange { start_sample: chunk.start_sample, end_sample: chunk.end_sample }
}
