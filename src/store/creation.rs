//! How new jobs get into the tables: their rows, their first events, their tags, and the names by which they are found.

use super::arrivals::Arrival;
use super::database::Tx;
use super::dialect::Kind::{self, Int, Real, Text};
use super::error::StoreError;
use super::events;
use super::labels;
use super::passages;
use super::row::{attempt, due_at, spoken_at, stage, to_json, told};
use super::values::values;
use crate::domain::Timestamp;
use crate::domain::job::Job;
use crate::domain::job_state::JobState;
use crate::domain::record::EventKind;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

/// Writes them down, without looking for what is there already.
pub async fn create_all(
    tx: &mut Tx,
    arrivals: &[Arrival],
    now: Timestamp,
) -> Result<(), StoreError> {
    if arrivals.is_empty() {
        return Ok(());
    }
    let rows = arrivals.iter().map(|it| row(it, now)).collect::<Result<Vec<_>, _>>()?;
    let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    let names = names.join(", ");
    let sql = format!(
        "insert into jobs ({names}, told_chunks, told_segments) select {names}, 0, 0 from {} as arrived",
        tx.dialect().rows("$1", &COLUMNS)
    );
    let values = values![Value::from(rows).to_string()];
    tx.execute("create jobs", AssertSqlSafe(sql), values).await?;
    let jobs: Vec<&Job> = arrivals.iter().map(|arrival| &arrival.job).collect();
    labels::put_given(tx, &jobs).await?;
    passages::put_names(tx, &jobs).await?;
    for arrival in arrivals {
        for (seq, state) in (1i64..).zip(&arrival.states) {
            let job = Job { state: state.clone(), version: seq, ..arrival.job.clone() };
            events::append(tx, &job, seq, now, EventKind::State, &told(&job));
        }
    }
    Ok(())
}

const COLUMNS: [(&str, Kind); 27] = [
    ("id", Text),
    ("tenant", Text),
    ("state", Text),
    ("status", Text),
    ("stage", Text),
    ("attempt", Int),
    ("epoch", Int),
    ("version", Int),
    ("priority", Int),
    ("due_at", Int),
    ("options", Text),
    ("file_name", Text),
    ("audio", Text),
    ("recorded_at", Text),
    ("language", Text),
    ("model", Text),
    ("fraction", Real),
    ("cpu_ms", Int),
    ("last_seq", Int),
    ("fingerprint", Text),
    ("hearing", Text),
    ("created_at", Int),
    ("spoken_at", Text),
    ("line_at", Int),
    ("turn_at", Int),
    ("lane", Int),
    ("home", Text),
];

/// In the order of [`COLUMNS`].
fn row(arrival: &Arrival, now: Timestamp) -> Result<Value, StoreError> {
    let Arrival { job, fingerprint, home, .. } = arrival;
    let in_line = matches!(&job.state, JobState::Queued(queued) if queued.not_before <= now);
    let line_at = job.line_at.timestamp_millis();
    Ok(json!([
        job.id,
        job.tenant,
        to_json("state", &job.state)?,
        job.state.status(),
        stage(&job.state),
        attempt(&job.state),
        job.epoch,
        job.version,
        job.options.priority.rank(),
        due_at(&job.state),
        to_json("options", &job.options)?,
        passages::kept_text(&job.file_name),
        to_json("audio facts", &job.audio)?,
        job.recorded_at.map(|at| at.to_rfc3339()),
        job.language,
        to_json("model", &job.model)?,
        job.fraction,
        job.cpu_ms,
        job.last_seq,
        fingerprint,
        job.hearing(),
        job.created_at.timestamp_millis(),
        spoken_at(job.recorded_at, job.created_at),
        line_at,
        in_line.then_some(line_at),
        job.lane().as_i64(),
        home,
    ]))
}
