//! The checkpoints of a transcription: each finished chunk is kept, and only unfinished ones run again.

use super::database::{Store, Tx};
use super::error::StoreError;
use super::events;
use super::jobs;
use super::row::to_json;
use super::values::{Row, values};
use crate::domain::Timestamp;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::{ChunkRange, Job};
use crate::domain::record::EventKind;
use crate::domain::transcript::Segment;
use serde_json::json;

/// One chunk of a job, with its text once it has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Chunk {
    pub idx: i64,
    pub range: ChunkRange,
    /// Workers that died over it.
    pub deaths: i64,
    pub segments: Option<Vec<Segment>>,
}

/// What a finished chunk adds to its job.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard<'a> {
    pub idx: i64,
    pub segments: &'a [Segment],
    pub fraction: f64,
    pub cpu_ms: i64,
}

/// Writes the cuts of a job, in place of whatever was planned before.
pub async fn plan(tx: &mut Tx, job: &Job, ranges: &[ChunkRange]) -> Result<(), StoreError> {
    tx.execute("plan chunks", "delete from chunks where job_id = $1", values![job.id]).await?;
    for (idx, range) in (0i64..).zip(ranges) {
        tx.execute(
            "plan chunks",
            "insert into chunks (job_id, tenant, idx, start_sample, end_sample, deaths) \
             values ($1, $2, $3, $4, $5, 0)",
            values![
                job.id,
                &job.tenant,
                idx,
                range.start_sample.cast_signed(),
                range.end_sample.cast_signed()
            ],
        )
        .await?;
    }
    Ok(())
}

/// Keeps the text of a chunk and tells what can now be told in order. Fenced by the job's epoch.
///
/// A chunk that has its text already keeps it: the same chunk finished twice changes nothing.
pub async fn finish(
    tx: &mut Tx,
    job: &Job,
    heard: Heard<'_>,
    now: Timestamp,
) -> Result<Job, StoreError> {
    let job = jobs::hold(tx, job).await?;
    let kept = tx
        .execute(
            "keep a chunk",
            "update chunks set segments = $3 where job_id = $1 and idx = $2 and segments is null",
            values![job.id, heard.idx, to_json("segments", &heard.segments)?],
        )
        .await?;
    if kept == 0 {
        return Ok(job);
    }
    // A worker that finishes a chunk shows that the others did not die of the machine or the model.
    tx.execute(
        "forget dead workers",
        "update chunks set deaths = 0 where job_id = $1 and deaths > 0",
        values![job.id],
    )
    .await?;
    let (told_chunks, segments) = tellable(tx, job.id).await?;
    let tells_progress = may_tell_progress(tx, job.id, now).await?;
    let count = segments.len() as i64 + i64::from(tells_progress);
    let job = jobs::advance(tx, &job, heard.fraction, heard.cpu_ms, count).await?;
    let first = job.last_seq - count + 1;
    for (seq, segment) in (first..).zip(&segments) {
        events::append(tx, &job, seq, now, EventKind::Segment, &json!(segment));
    }
    if tells_progress {
        let progress = json!({ "fraction": job.fraction, "cpu_ms": job.cpu_ms });
        events::append(tx, &job, job.last_seq, now, EventKind::Progress, &progress);
    }
    tx.execute(
        "keep a chunk",
        "update jobs set told_chunks = $2, told_segments = told_segments + $3 where id = $1",
        values![job.id, told_chunks, segments.len() as i64],
    )
    .await?;
    Ok(job)
}

/// Progress is told once a second at most; the transition that ends the stage tells where it stands all the same.
async fn may_tell_progress(tx: &mut Tx, id: JobId, now: Timestamp) -> Result<bool, StoreError> {
    let told = tx
        .execute(
            "look when progress was told",
            "update jobs set progress_at = $2 where id = $1 \
             and (progress_at is null or progress_at <= $2 - 1000)",
            values![id, now],
        )
        .await?;
    Ok(told > 0)
}

/// The segments of the unbroken run of finished chunks behind the last told one, numbered.
async fn tellable(tx: &mut Tx, id: JobId) -> Result<(i64, Vec<Segment>), StoreError> {
    let told = tx
        .fetch_one(
            "look for segments to tell",
            "select told_chunks, told_segments from jobs where id = $1",
            values![id],
        )
        .await?;
    let mut told_chunks: i64 = told.get("told_chunks")?;
    let mut number: i64 = told.get("told_segments")?;
    let rows = tx
        .fetch_all(
            "look for segments to tell",
            "select idx, segments from chunks where job_id = $1 and idx >= $2 and idx < \
             (select coalesce(min(idx), 9223372036854775807) from chunks where job_id = $1 \
             and segments is null) order by idx",
            values![id, told_chunks],
        )
        .await?;
    let mut segments = Vec::new();
    for row in rows {
        told_chunks = row.get::<i64>("idx")? + 1;
        for segment in segments_of(&row)?.unwrap_or_default() {
            segments.push(Segment { id: u32::try_from(number).unwrap_or(u32::MAX), ..segment });
            number += 1;
        }
    }
    Ok((told_chunks, segments))
}

/// Counts a worker that died over a chunk, and says how many have. Fenced by the job's epoch.
pub async fn count_death(tx: &mut Tx, job: &Job, idx: i64) -> Result<i64, StoreError> {
    let job = jobs::hold(tx, job).await?;
    let row = tx
        .fetch_one(
            "count a dead worker",
            "update chunks set deaths = deaths + 1 where job_id = $1 and idx = $2 returning deaths",
            values![job.id, idx],
        )
        .await?;
    row.get("deaths")
}

/// All chunks of a job, in the order of time.
pub async fn list(store: &Store, tenant: &TenantId, job: JobId) -> Result<Vec<Chunk>, StoreError> {
    let rows = store
        .reader()
        .fetch_all(
            "read the chunks of a job",
            "select idx, start_sample, end_sample, deaths, segments from chunks where job_id \
             = $1 and tenant = $2 order by idx",
            values![job, tenant],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let sample = |column: &str| row.get::<i64>(column).map(i64::cast_unsigned);
            Ok(Chunk {
                idx: row.get("idx")?,
                range: ChunkRange {
                    start_sample: sample("start_sample")?,
                    end_sample: sample("end_sample")?,
                },
                deaths: row.get("deaths")?,
                segments: segments_of(row)?,
            })
        })
        .collect()
}

/// All text that is finished, in the order of time, as this transaction sees it.
pub(super) async fn said(tx: &mut Tx, job: JobId) -> Result<Vec<Segment>, StoreError> {
    let rows = tx
        .fetch_all(
            "read the text of a job",
            "select segments from chunks where job_id = $1 order by idx",
            values![job],
        )
        .await?;
    let texts: Result<Vec<_>, _> = rows.iter().map(segments_of).collect();
    Ok(texts?.into_iter().flatten().flatten().collect())
}

fn segments_of(row: &Row) -> Result<Option<Vec<Segment>>, StoreError> {
    let text: Option<String> = row.get("segments")?;
    text.map(|json| serde_json::from_str(&json)).transpose().map_err(StoreError::decode("segments"))
}
