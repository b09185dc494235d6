//! A made-up diary of any size, written through the store as the engine would: for measurements and for tests of lists.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use diarist::domain::ids::{Epoch, JobId, TenantId};
use diarist::domain::job::{AudioFacts, ChunkRange, Job, ModelRef};
use diarist::domain::job_state::{Event, JobState};
use diarist::domain::llm::Spent;
use diarist::domain::note::{Composer, Note, Section, Sentence, Support, TEMPLATE};
use diarist::domain::options::JobOptions;
use diarist::domain::transcript::{Segment, Word};
use diarist::store::{Store, Tx, chunks, jobs, notes, passages};
use fastrand::Rng;
use std::fs;
use std::path::Path;

/// Jobs that are written in one transaction.
const AT_ONCE: usize = 200;
const SENTENCE_MS: u64 = 4_000;
/// The recordings of a made-up diary are these, in sentences: so many files hold the sound of all of them.
const LENGTHS: [u64; 4] = [5, 10, 15, 20];
const RATE: u64 = 8_000;

const OPENINGS: [&str; 12] = [
    "This morning",
    "After breakfast",
    "On the way home",
    "Before the meeting",
    "Late at night",
    "At lunch",
    "In the garden",
    "On the train",
    "During the break",
    "Early on",
    "In the evening",
    "Just now",
];
const PEOPLE: [&str; 16] = [
    "Anna", "Jonas", "Miriam", "Tom", "Zoë", "Ravi", "Clara", "Peter", "Ingrid", "Lukas", "Sofia",
    "Daniel", "Grandma", "Marta", "Henry", "Yuki",
];
const DEEDS: [&str; 16] = [
    "talked about the new roof",
    "walked along the river",
    "repaired the old bicycle",
    "planned the holidays",
    "cooked a lentil soup",
    "read the letter aloud",
    "played the piano",
    "picked apples",
    "looked at the budget",
    "finished the report",
    "watched the storm",
    "sorted the photographs",
    "forgot the keys",
    "called the doctor",
    "laughed about the cat",
    "wrote down the recipe",
];
const PLACES: [&str; 10] = [
    "in Lisbon",
    "at the office",
    "in the kitchen",
    "by the lake",
    "at the station",
    "in the workshop",
    "in Tromsø",
    "at the café",
    "on the balcony",
    "in the library",
];
const FEELINGS: [&str; 8] = [
    "which made me happy",
    "and I was tired",
    "and it rained",
    "which surprised everybody",
    "and we need to do it again",
    "and I want to remember it",
    "although nobody had time",
    "and the light was beautiful",
];
const TAGS: [&str; 18] = [
    "family",
    "work",
    "health",
    "garden",
    "ideas",
    "travel",
    "music",
    "food",
    "money",
    "school",
    "friends",
    "sport",
    "dreams",
    "house",
    "books",
    "weather",
    "project-x",
    "gratitude",
];
const MOODS: [&str; 5] = ["happy", "calm", "tired", "worried", "excited"];

/// One made-up memo.
pub struct Memo {
    pub job: Job,
    pub segments: Vec<Segment>,
    /// A few jobs want none.
    pub note: Option<Note>,
}

/// Writes `count` memos of the two years before `end`; their ids and lengths. The same `seed` gives
/// the same diary, but for the ids.
pub async fn fill(store: &Store, count: usize, end: DateTime<Utc>, seed: u64) -> Vec<(JobId, u64)> {
    let mut rng = Rng::with_seed(seed);
    let mut ids = Vec::with_capacity(count);
    let apart = TimeDelta::days(730) / i32::try_from(count.max(1)).unwrap();
    let mut made = 0;
    while made < count {
        let mut tx = store.write().await.unwrap();
        for _ in 0..AT_ONCE.min(count - made) {
            let left = i32::try_from(count - made).unwrap();
            let at = end - apart * left + TimeDelta::seconds(rng.i64(0..3_600));
            let memo = memo(&mut rng, at);
            ids.push((memo.job.id, memo.job.audio.duration_ms.unwrap()));
            write(&mut tx, &memo).await;
            made += 1;
        }
        tx.commit().await.unwrap();
    }
    ids
}

/// Gives every memo a recording of its length: one file of each length, under many names.
pub fn add_recordings(data_dir: &Path, memos: &[(JobId, u64)]) {
    let audio = data_dir.join("audio");
    for &(id, duration_ms) in memos {
        let source = audio.join(format!("tone-{duration_ms}.wav"));
        if !source.exists() {
            fs::write(&source, tone(duration_ms)).unwrap();
        }
        let home = audio.join(id.to_string());
        fs::create_dir_all(&home).unwrap();
        fs::hard_link(&source, home.join("original.wav")).unwrap();
    }
}

fn memo(rng: &mut Rng, at: DateTime<Utc>) -> Memo {
    let offset = FixedOffset::east_opt(if rng.bool() { 7_200 } else { 3_600 }).unwrap();
    let recorded_at = at.with_timezone(&offset);
    let sentences = LENGTHS[rng.usize(..LENGTHS.len())];
    let segments: Vec<Segment> =
        (0u32..).zip(0..sentences).map(|(id, n)| segment(id, n, &sentence(rng))).collect();
    let few = rng.usize(0..2);
    let given = rng.choose_multiple(TAGS, few);
    let wants_note = rng.u8(..) >= 8;
    let options = JobOptions {
        tags: given.iter().map(|&tag| tag.to_owned()).collect(),
        note: wants_note,
        ..JobOptions::default()
    };
    let millis = u64::try_from(at.timestamp_millis()).unwrap();
    let stamp = uuid::Timestamp::from_unix(uuid::NoContext, millis / 1_000, 0);
    let job = Job {
        id: JobId(uuid::Uuid::new_v7(stamp)),
        tenant: TenantId::local(),
        state: JobState::new(wants_note),
        epoch: Epoch(0),
        version: 0,
        file_name: format!("Memo {}.wav", recorded_at.format("%Y-%m-%d %H.%M.%S")),
        audio: AudioFacts {
            duration_ms: Some(sentences * SENTENCE_MS),
            format: "wave".into(),
            codec: "pcm_u8".into(),
            channels: 1,
            sample_rate_hz: 8_000,
            bytes: 44 + sentences * SENTENCE_MS * RATE / 1_000,
            sha256: format!("{:064x}", rng.u128(..)),
        },
        recorded_at: Some(recorded_at),
        language: Some("en".into()),
        model: ModelRef { name: "base".into(), sha256: String::new() },
        fraction: 0.0,
        last_seq: 0,
        created_at: at,
        line_at: at,
        started_at: None,
        finished_at: None,
        cpu_ms: 0,
        spent: Spent::default(),
        title: None,
        trashed_at: None,
        options,
    };
    let note = wants_note.then(|| note(rng, &job, &segments));
    Memo { job, segments, note }
}

fn sentence(rng: &mut Rng) -> String {
    let mut one = |of: &[&'static str]| of[rng.usize(..of.len())];
    let (opening, person, deed) = (one(&OPENINGS), one(&PEOPLE), one(&DEEDS));
    format!("{opening} {person} {deed} {}, {}.", one(&PLACES), one(&FEELINGS))
}

fn segment(id: u32, nth: u64, text: &str) -> Segment {
    let start_ms = nth * SENTENCE_MS;
    let pieces: Vec<&str> = text.split(' ').collect();
    let each = SENTENCE_MS / pieces.len() as u64;
    let words = (0u64..).zip(&pieces).map(|(n, &word)| Word {
        text: word.to_owned(),
        start_ms: start_ms + n * each,
        end_ms: start_ms + (n + 1) * each,
        probability: 0.9,
    });
    Segment {
        id,
        start_ms,
        end_ms: start_ms + SENTENCE_MS,
        text: text.to_owned(),
        language: "en".into(),
        avg_logprob: -0.2,
        no_speech_prob: 0.01,
        speaker: None,
        words: words.collect(),
        tokens: Vec::new(),
    }
}

fn note(rng: &mut Rng, job: &Job, segments: &[Segment]) -> Note {
    let kept: Vec<&Segment> = segments.iter().filter(|_| rng.u8(..) < 160).collect();
    let sentences = kept.iter().map(|segment| Sentence {
        text: segment.text.clone(),
        segments: vec![segment.id],
        start_ms: segment.start_ms,
        end_ms: segment.end_ms,
        support: Support::Verbatim,
    });
    let deed = DEEDS[rng.usize(..DEEDS.len())];
    let person = PEOPLE[rng.usize(..PEOPLE.len())];
    let mut tags = job.options.tags.clone();
    let few = rng.usize(1..4);
    for tag in rng.choose_multiple(TAGS, few) {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    Note {
        title: format!("{person} {deed}"),
        recorded_at: job.recorded_at.unwrap(),
        summary: segments.iter().take(3).map(|s| s.text.as_str()).collect::<Vec<_>>().join(" "),
        sections: vec![Section { heading: "The day".into(), sentences: sentences.collect() }],
        mood: rng.bool().then(|| MOODS[rng.usize(..MOODS.len())].to_owned()),
        people: vec![person.to_owned()],
        places: Vec::new(),
        todos: Vec::new(),
        tags,
        quotes: Vec::new(),
        open_questions: Vec::new(),
        composer: Composer {
            provider: "extractive".into(),
            model: None,
            template: TEMPLATE.into(),
            version: 1,
            tried: Vec::new(),
        },
        coverage: kept.len() as f64 / segments.len() as f64,
    }
}

/// The whole life of a memo, in the transaction of the caller.
async fn write(tx: &mut Tx, memo: &Memo) {
    let now = memo.job.created_at;
    let mut job = jobs::create(tx, &memo.job, &memo.job.id.to_string()).await.unwrap();
    let mut chunk = ChunkRange { start_sample: 0, end_sample: 0 };
    chunk.end_sample = memo.job.audio.duration_ms.unwrap() * 16;
    let begin = [Event::Kept, Event::Enqueued(now)];
    let ingest = [Event::Leased(Epoch(3)), Event::Finished(Epoch(3))];
    for event in begin.into_iter().chain(ingest) {
        job = step(tx, job, event, now).await;
    }
    job = step(tx, job, Event::Leased(Epoch(5)), now).await;
    chunks::plan(tx, &job, &[chunk]).await.unwrap();
    let heard = chunks::Heard { idx: 0, segments: &memo.segments, fraction: 0.95, cpu_ms: 900 };
    job = chunks::finish(tx, &job, heard, now).await.unwrap();
    passages::put(tx, &job, None).await.unwrap();
    job = step(tx, job, Event::Finished(Epoch(5)), now).await;
    if let Some(note) = &memo.note {
        job = step(tx, job, Event::Leased(Epoch(7)), now).await;
        job = notes::put(tx, &job, note, now).await.unwrap();
        job = step(tx, job, Event::Finished(Epoch(7)), now).await;
    }
    assert_eq!(job.state, JobState::Done);
}

/// One step of a job's life, written as its actor would.
pub async fn step(tx: &mut Tx, job: Job, event: Event, now: DateTime<Utc>) -> Job {
    let next = job.state.clone().apply(event, now).unwrap().next;
    match job.state {
        JobState::Running(_) => jobs::save(tx, &job, &next, now).await.unwrap(),
        _ => jobs::change(tx, &job, &next, now).await.unwrap(),
    }
}

/// A quiet hum: 8 kHz, mono, 8 bit.
fn tone(duration_ms: u64) -> Vec<u8> {
    let samples = u32::try_from(duration_ms * RATE / 1_000).unwrap();
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + samples).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16u32.to_le_bytes());
    wav.extend([1, 0, 1, 0]);
    wav.extend((RATE as u32).to_le_bytes());
    wav.extend((RATE as u32).to_le_bytes());
    wav.extend([1, 0, 8, 0]);
    wav.extend(b"data");
    wav.extend(samples.to_le_bytes());
    wav.extend((0..samples).map(|n| 124 + u8::try_from(n % 36 / 4).unwrap()));
    wav
}
