//! Transitions of jobs, as many as there are in one statement. Each is guarded by itself: one that comes too late changes
//! nothing, and keeps none of the others from being saved.

use super::database::Tx;
use super::dialect::Dialect;
use super::dialect::Kind::{self, Int, Text};
use super::error::StoreError;
use super::events;
use super::row::{attempt, due_at, job_columns, stage, to_job, to_json, told};
use super::values::values;
use crate::domain::Timestamp;
use crate::domain::ids::JobId;
use crate::domain::job::Job;
use crate::domain::job_state::JobState;
use crate::domain::record::EventKind;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::collections::{HashMap, HashSet};

/// What must still be so for a transition to be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// The job runs under `job.epoch`: this is its attempt speaking.
    Held,
    /// The job is at `job.version`: nobody has changed it since it was read. Whoever works on it finds itself fenced.
    Seen,
}

/// A decided step of one job.
#[derive(Debug, Clone)]
pub struct Transition {
    /// As it was read, with what changes beside its state.
    pub job: Job,
    pub next: JobState,
    pub guard: Guard,
    pub at: Timestamp,
}

impl Transition {
    /// Why it was not saved.
    fn stale(&self) -> StoreError {
        let job = self.job.id;
        match self.guard {
            Guard::Held => StoreError::StaleEpoch { job },
            Guard::Seen => StoreError::StaleVersion { job },
        }
    }
}

/// Saves and tells them; of several for the same job each meets what the one before it has left. An error of the
/// database undoes all of them with the transaction.
pub async fn save_all(
    tx: &mut Tx,
    steps: &[Transition],
) -> Result<Vec<Result<Job, StoreError>>, StoreError> {
    let mut outcomes = steps.iter().map(|step| Err(step.stale())).collect::<Vec<_>>();
    let mut open: Vec<usize> = (0..steps.len()).collect();
    while !open.is_empty() {
        // One statement may change a row but once: a second step of the same job waits for the next round.
        let mut seen = HashSet::new();
        let (round, later): (Vec<usize>, Vec<usize>) =
            open.into_iter().partition(|&n| seen.insert(steps[n].job.id));
        let mut saved = write(tx, round.iter().map(|&n| &steps[n])).await?;
        for n in round {
            let Some(job) = saved.remove(&steps[n].job.id) else { continue };
            events::append(tx, &job, job.last_seq, steps[n].at, EventKind::State, &told(&job));
            outcomes[n] = Ok(job);
        }
        open = later;
    }
    Ok(outcomes)
}

const COLUMNS: [(&str, Kind); 14] = [
    ("job", Text),
    ("held", Int),
    ("seen", Int),
    ("state", Text),
    ("status", Text),
    ("stage", Text),
    ("attempt", Int),
    ("due_at", Int),
    ("epoch", Int),
    ("line_at", Int),
    ("turn_at", Int),
    ("error_code", Text),
    ("at", Int),
    ("is_over", Int),
];

/// At most one transition of each job; gives those back that were saved.
async fn write(
    tx: &mut Tx,
    steps: impl Iterator<Item = &Transition>,
) -> Result<HashMap<JobId, Job>, StoreError> {
    let rows = steps.map(row).collect::<Result<Vec<_>, _>>()?;
    let sql = save_sql(tx.dialect());
    let values = values![Value::from(rows).to_string()];
    let rows = tx.fetch_all("save transitions", AssertSqlSafe(sql), values).await?;
    rows.iter().map(|row| to_job(row).map(|job| (job.id, job))).collect()
}

pub(super) fn save_sql(dialect: Dialect) -> String {
    format!(
        "update jobs set state = next.state, status = next.status, stage = next.stage, \
         attempt = next.attempt, due_at = next.due_at, epoch = next.epoch, line_at = next.line_at, \
         turn_at = next.turn_at, error_code = next.error_code, \
         fraction = case when next.status = 'done' then 1.0 else jobs.fraction end, \
         started_at = case when next.status = 'running' then coalesce(jobs.started_at, next.at) \
         else jobs.started_at end, \
         finished_at = case when next.is_over = 1 then next.at end, \
         version = jobs.version + 1, last_seq = jobs.last_seq + 1 \
         from {} as next where jobs.id = next.job and \
         (jobs.version = next.seen or jobs.epoch = next.held and jobs.status = 'running') \
         returning {}",
        dialect.rows("$1", &COLUMNS),
        job_columns(),
    )
}

/// In the order of [`COLUMNS`].
fn row(step: &Transition) -> Result<Value, StoreError> {
    let Transition { job, next, guard, at } = step;
    let (held, seen) = match guard {
        Guard::Held => (Some(job.epoch), None),
        Guard::Seen => (None, Some(job.version)),
    };
    let in_line = matches!(next, JobState::Queued(queued) if queued.not_before <= *at);
    let line_at = job.line_at.timestamp_millis();
    Ok(json!([
        job.id,
        held,
        seen,
        to_json("state", next)?,
        next.status(),
        stage(next),
        attempt(next),
        due_at(next),
        next.epoch().unwrap_or(job.epoch),
        line_at,
        in_line.then_some(line_at),
        next.failure().map(|why| &why.code),
        at.timestamp_millis(),
        i64::from(next.is_over()),
    ]))
}
