//! The table of jobs: created with their first events, read by page, changed only by a fenced write.

use super::arrivals::Arrival;
use super::creation;
use super::database::{Store, Tx};
use super::error::StoreError;
use super::events;
use super::row::{JOB_COLUMNS, spoken_at, to_job, to_json, told};
use super::transitions::{self, Guard, Transition};
use super::values::values;
use crate::domain::Timestamp;
use crate::domain::dispatch::Lane;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::{AudioFacts, Job};
use crate::domain::job_state::{JobState, Stage};
use crate::domain::record::EventKind;
use chrono::{DateTime, FixedOffset};
use sqlx::AssertSqlSafe;

/// What a listing asks for; all of it optional.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub status: Option<String>,
    pub stage: Option<Stage>,
    /// Why it failed, or what it waits for.
    pub code: Option<String>,
    pub tag: Option<String>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// Those in the trash, rather than all others.
    pub is_trashed: bool,
    /// The last id of the page before; newest first.
    pub before: Option<JobId>,
    pub limit: i64,
}

/// Writes a new job as it stands, and its first event. Nothing is compared with it: see [`super::arrivals`].
pub async fn create(tx: &mut Tx, job: &Job, fingerprint: &str) -> Result<Job, StoreError> {
    let arrival = Arrival::new(job.clone(), Vec::new(), fingerprint.to_owned());
    creation::create_all(tx, std::slice::from_ref(&arrival), job.created_at).await?;
    Ok(arrival.job)
}

/// Saves a transition that a running attempt makes, and tells it. Fenced: unless the job still runs under `job.epoch`,
/// nothing changes.
pub async fn save(
    tx: &mut Tx,
    job: &Job,
    next: &JobState,
    now: Timestamp,
) -> Result<Job, StoreError> {
    save_one(tx, job, next, Guard::Held, now).await
}

/// Saves a transition of a job that the writer does not hold, and tells it; nothing changes unless the job is still at
/// `job.version`. Whoever works on it finds itself fenced.
pub async fn change(
    tx: &mut Tx,
    job: &Job,
    next: &JobState,
    now: Timestamp,
) -> Result<Job, StoreError> {
    save_one(tx, job, next, Guard::Seen, now).await
}

async fn save_one(
    tx: &mut Tx,
    job: &Job,
    next: &JobState,
    guard: Guard,
    at: Timestamp,
) -> Result<Job, StoreError> {
    let step = Transition { job: job.clone(), next: next.clone(), guard, at };
    let mut saved = transitions::save_all(tx, &[step]).await?;
    saved.pop().unwrap_or_else(|| Err(StoreError::nothing("save a transition")))
}

/// The job of a running attempt as this transaction sees it, which nobody else changes before its end. Fenced like
/// [`save`].
pub async fn hold(tx: &mut Tx, job: &Job) -> Result<Job, StoreError> {
    let sql = format!(
        "update jobs set version = version where id = $1 and epoch = $2 and status = 'running' \
         returning {JOB_COLUMNS}"
    );
    let values = values![job.id, job.epoch];
    let row = tx.fetch_optional("hold a job", AssertSqlSafe(sql), values).await?;
    row.as_ref().map_or(Err(StoreError::StaleEpoch { job: job.id }), to_job)
}

/// Writes down what a running attempt has learned of the recording. Fenced like [`save`].
pub async fn learn(
    tx: &mut Tx,
    job: &Job,
    audio: &AudioFacts,
    recorded_at: Option<DateTime<FixedOffset>>,
    language: Option<&str>,
    fraction: f64,
) -> Result<Job, StoreError> {
    let done = tx
        .execute(
            "write down what was learned",
            "update jobs set audio = $3, recorded_at = $4, language = $5, fraction = case \
             when fraction < $6 then $6 else fraction end, spoken_at = $7, lane = $8 where id = $1 and \
             epoch = $2 and status = 'running'",
            values![
                job.id,
                job.epoch,
                to_json("audio facts", audio)?,
                recorded_at.map(|at| at.to_rfc3339()),
                language,
                fraction,
                spoken_at(recorded_at, job.created_at),
                Lane::of(audio.duration_ms).as_i64()
            ],
        )
        .await?;
    if done == 0 {
        return Err(StoreError::StaleEpoch { job: job.id });
    }
    let language = language.map(str::to_owned);
    let fraction = job.fraction.max(fraction);
    Ok(Job { audio: audio.clone(), recorded_at, language, fraction, ..job.clone() })
}

/// Takes `count` event numbers of the job, and lets its progress grow. Fenced like [`save`].
pub(super) async fn advance(
    tx: &mut Tx,
    job: &Job,
    fraction: f64,
    cpu_ms: i64,
    count: i64,
) -> Result<Job, StoreError> {
    let row = tx
        .fetch_optional(
            "advance a job",
            "update jobs set fraction = case when fraction < $3 then $3 else fraction end, \
             cpu_ms = cpu_ms + $4, last_seq = last_seq + $5 where id = $1 and epoch = $2 \
             and status = 'running' returning fraction, cpu_ms, last_seq",
            values![job.id, job.epoch, fraction, cpu_ms, count],
        )
        .await?;
    let Some(row) = row else { return Err(StoreError::StaleEpoch { job: job.id }) };
    Ok(Job {
        fraction: row.get("fraction")?,
        cpu_ms: row.get("cpu_ms")?,
        last_seq: row.get("last_seq")?,
        ..job.clone()
    })
}

pub async fn get(store: &Store, tenant: &TenantId, id: JobId) -> Result<Option<Job>, StoreError> {
    let sql = format!("select {JOB_COLUMNS} from jobs where id = $1 and tenant = $2");
    let row = store
        .reader()
        .fetch_optional("read a job", AssertSqlSafe(sql), values![id, tenant])
        .await?;
    row.as_ref().map(to_job).transpose()
}

/// The same as [`get`], as this transaction sees it; nobody else changes the job before its end.
pub async fn get_in(tx: &mut Tx, tenant: &TenantId, id: JobId) -> Result<Option<Job>, StoreError> {
    let lock = tx.dialect().for_update();
    let sql = format!("select {JOB_COLUMNS} from jobs where id = $1 and tenant = $2{lock}");
    let row = tx.fetch_optional("read a job", AssertSqlSafe(sql), values![id, tenant]).await?;
    row.as_ref().map(to_job).transpose()
}

/// Tells a job as it stands, after a change by hand that is no transition. Guarded like [`change`].
pub(super) async fn tell(tx: &mut Tx, job: &Job, now: Timestamp) -> Result<Job, StoreError> {
    let row = tx
        .fetch_optional(
            "tell a change",
            "update jobs set version = version + 1, last_seq = last_seq + 1 where id = $1 and \
             version = $2 returning version, last_seq",
            values![job.id, job.version],
        )
        .await?;
    let Some(row) = row else { return Err(StoreError::StaleVersion { job: job.id }) };
    let (version, last_seq) = (row.get("version")?, row.get("last_seq")?);
    let job = Job { version, last_seq, ..job.clone() };
    events::append(tx, &job, job.last_seq, now, EventKind::State, &told(&job));
    Ok(job)
}

/// One page, newest first.
pub async fn list(
    store: &Store,
    tenant: &TenantId,
    filter: &Filter,
) -> Result<Vec<Job>, StoreError> {
    let mut sql =
        store.reader().statement(format!("select {JOB_COLUMNS} from jobs where tenant = "));
    sql.bind(tenant);
    sql.push(if filter.is_trashed {
        " and trashed_at is not null"
    } else {
        " and trashed_at is null"
    });
    if let Some(status) = &filter.status {
        sql.push(" and status = ").bind(status);
    }
    if let Some(stage) = filter.stage {
        sql.push(" and stage = ").bind(stage.as_str());
    }
    if let Some(code) = &filter.code {
        sql.push(" and error_code = ").bind(code);
    }
    if let Some(tag) = &filter.tag {
        let tags = sql.dialect().each_text("options", "tags");
        sql.push(format!(" and exists (select 1 from {tags} where value = "));
        sql.bind(tag).push(")");
    }
    if let Some(since) = filter.since {
        sql.push(" and created_at >= ").bind(since.timestamp_millis());
    }
    if let Some(until) = filter.until {
        sql.push(" and created_at < ").bind(until.timestamp_millis());
    }
    if let Some(before) = filter.before {
        sql.push(" and id < ").bind(before);
    }
    sql.push(" order by id desc limit ").bind(filter.limit);
    let rows = sql.fetch_all("list jobs").await?;
    rows.iter().map(to_job).collect()
}

pub(super) const COUNT_BY_STATUS: &str = "select status, count(*) as n from jobs group by status";

/// How many jobs stand in each status, for metrics.
pub async fn count_by_status(store: &Store) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = store.reader().fetch_all("count jobs", COUNT_BY_STATUS, values![]).await?;
    rows.iter()
        .map(|row| {
            let status = row.get("status")?;
            Ok((status, row.get("n")?))
        })
        .collect()
}

/// A finished job that has heard the same sound in the same way.
pub async fn same_hearing(store: &Store, job: &Job) -> Result<Option<Job>, StoreError> {
    let sql = same_hearing_sql();
    let values = values![&job.tenant, job.hearing()];
    let row = store
        .reader()
        .fetch_optional("look for the same hearing", AssertSqlSafe(sql), values)
        .await?;
    row.as_ref().map(to_job).transpose()
}

/// Found by what was heard: those who heard the same are few, and the jobs of a tenant are many. A planner would go by the
/// ids themselves if it could.
pub(super) fn same_hearing_sql() -> String {
    format!(
        "select {JOB_COLUMNS} from jobs where tenant = $1 and hearing = $2 and status = 'done' \
         order by id || '' desc limit 1"
    )
}
