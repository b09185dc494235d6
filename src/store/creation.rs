//! How new jobs get into the tables: their rows, their keys, their first events, their tags, and the names by which they
//! are found.

use super::arrivals::Arrival;
use super::database::Tx;
use super::dialect::Dialect;
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
    let dialect = tx.dialect();
    let names = COLUMNS.map(|(name, _)| name).join(", ");
    let mut statements = vec![format!(
        "insert into jobs ({names}, told_chunks, told_segments) select {names}, 0, 0 from {} as arrived",
        dialect.rows("$1", &COLUMNS)
    )];
    statements.extend(passages::names_sql(dialect, "$2"));
    let rows = arrivals.iter().map(|it| row(it, now)).collect::<Result<Vec<_>, _>>()?;
    let titles = Value::from_iter(arrivals.iter().map(|it| passages::name_row(dialect, &it.job)));
    let mut values = values![Value::from(rows).to_string(), titles.to_string()];
    let keyed = |it: &Arrival| Some(key_row(&it.job, it.key.as_ref()?, &it.fingerprint));
    let keys: Vec<Value> = arrivals.iter().filter_map(keyed).collect();
    if !keys.is_empty() {
        statements.push(keys_sql(dialect, "$3"));
        values.extend(values![Value::from(keys).to_string()]);
    }
    tx.execute_together("create jobs", statements, values).await?;
    let jobs: Vec<&Job> = arrivals.iter().map(|arrival| &arrival.job).collect();
    labels::put_given(tx, &jobs).await?;
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

/// From now on this key means this job.
pub async fn remember_key(
    tx: &mut Tx,
    job: &Job,
    key: &str,
    fingerprint: &str,
) -> Result<(), StoreError> {
    let sql = keys_sql(tx.dialect(), "$1");
    let rows = json!([key_row(job, key, fingerprint)]).to_string();
    tx.execute("remember an idempotency key", AssertSqlSafe(sql), values![rows]).await?;
    Ok(())
}

fn keys_sql(dialect: Dialect, rows: &str) -> String {
    let columns = [
        ("tenant", Text),
        ("key", Text),
        ("fingerprint", Text),
        ("job_id", Text),
        ("created_at", Int),
    ];
    format!(
        "insert into idempotency_keys (tenant, key, fingerprint, job_id, created_at) \
         select tenant, key, fingerprint, job_id, created_at from {} as used",
        dialect.rows(rows, &columns)
    )
}

/// A row of [`keys_sql`].
fn key_row(job: &Job, key: &str, fingerprint: &str) -> Value {
    json!([job.tenant, key, fingerprint, job.id, job.created_at.timestamp_millis()])
}
