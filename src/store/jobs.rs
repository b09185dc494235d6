//! The table of jobs: created with their first events, read by page, changed only by a fenced write.

use super::dialect::{Store, Tx};
use super::error::StoreError;
use super::events;
use super::labels;
use super::passages;
use super::row::{JOB_COLUMNS, SPOKEN, job_columns, to_job, to_json};
use crate::clock;
use crate::domain::Timestamp;
use crate::domain::failure::JobError;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::{AudioFacts, Job};
use crate::domain::job_state::{JobState, Stage};
use crate::domain::record::EventKind;
use chrono::{DateTime, FixedOffset};
use serde_json::json;
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite};
use std::collections::HashSet;

/// What a listing asks for; all of it optional.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub status: Option<String>,
    pub stage: Option<Stage>,
    pub tag: Option<String>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// Those in the trash, rather than all others.
    pub is_trashed: bool,
    /// The last id of the page before; newest first.
    pub before: Option<JobId>,
    pub limit: i64,
}

/// Writes a new job as it stands, and its first event.
pub async fn create(tx: &mut Tx, job: &Job, fingerprint: &str) -> Result<Job, StoreError> {
    sqlx::query(
        "insert into jobs (id, tenant, state, status, stage, attempt, epoch, priority, due_at, options, \
         file_name, audio, recorded_at, language, model, fraction, cpu_ms, last_seq, told_chunks, \
         told_segments, fingerprint, hearing, created_at, spoken_at) values \
         ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0, 0, $19, $20, $21, $22)",
    )
    .bind(job.id.to_string())
    .bind(job.tenant.as_str())
    .bind(to_json("state", &job.state)?)
    .bind(job.state.status())
    .bind(stage(&job.state))
    .bind(attempt(&job.state))
    .bind(job.epoch.0)
    .bind(job.options.priority.rank())
    .bind(due_at(&job.state))
    .bind(to_json("options", &job.options)?)
    .bind(&job.file_name)
    .bind(to_json("audio facts", &job.audio)?)
    .bind(job.recorded_at.map(|at| at.to_rfc3339()))
    .bind(&job.language)
    .bind(to_json("model", &job.model)?)
    .bind(job.fraction)
    .bind(job.cpu_ms)
    .bind(1)
    .bind(fingerprint)
    .bind(job.hearing())
    .bind(job.created_at.timestamp_millis())
    .bind(spoken_at(job.recorded_at, job.created_at))
    .execute(tx.conn())
    .await
    .map_err(StoreError::query("create a job"))?;
    labels::put(tx, job, &job.options.tags).await?;
    passages::put(tx, job, None).await?;
    let job = Job { last_seq: 1, ..job.clone() };
    events::append(tx, &job, 1, job.created_at, EventKind::State, &told(&job)).await?;
    Ok(job)
}

/// Saves a transition and tells it. Fenced: where the job is no longer at `job.epoch`, nothing changes.
pub async fn save(
    tx: &mut Tx,
    job: &Job,
    next: &JobState,
    now: Timestamp,
) -> Result<Job, StoreError> {
    let running = matches!(next, JobState::Running(_));
    let fraction = if *next == JobState::Done { 1.0 } else { job.fraction };
    let started_at = job.started_at.or_else(|| running.then_some(now));
    let finished_at = next.is_over().then_some(now);
    let sql = format!(
        "update jobs set state = $3, status = $4, stage = $5, attempt = $6, epoch = epoch + 1, \
         due_at = $7, fraction = $8, started_at = $9, finished_at = $10, last_seq = last_seq + 1 \
         where id = $1 and epoch = $2 returning {JOB_COLUMNS}"
    );
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(job.id.to_string())
        .bind(job.epoch.0)
        .bind(to_json("state", next)?)
        .bind(next.status())
        .bind(stage(next))
        .bind(attempt(next))
        .bind(due_at(next))
        .bind(fraction)
        .bind(started_at.map(|at| at.timestamp_millis()))
        .bind(finished_at.map(|at| at.timestamp_millis()))
        .fetch_optional(tx.conn())
        .await
        .map_err(StoreError::query("save a transition"))?;
    let Some(row) = row else { return Err(StoreError::StaleEpoch { job: job.id }) };
    let changed = to_job(&row)?;
    events::append(tx, &changed, changed.last_seq, now, EventKind::State, &told(&changed)).await?;
    Ok(changed)
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
    let done = sqlx::query(
        "update jobs set audio = $3, recorded_at = $4, language = $5, fraction = max(fraction, $6), \
         spoken_at = $7 \
         where id = $1 and epoch = $2",
    )
    .bind(job.id.to_string())
    .bind(job.epoch.0)
    .bind(to_json("audio facts", audio)?)
    .bind(recorded_at.map(|at| at.to_rfc3339()))
    .bind(language)
    .bind(fraction)
    .bind(spoken_at(recorded_at, job.created_at))
    .execute(tx.conn())
    .await
    .map_err(StoreError::query("write down what was learned"))?;
    if done.rows_affected() == 0 {
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
    let row = sqlx::query(
        "update jobs set fraction = max(fraction, $3), cpu_ms = cpu_ms + $4, last_seq = last_seq + $5 \
         where id = $1 and epoch = $2 returning fraction, cpu_ms, last_seq",
    )
    .bind(job.id.to_string())
    .bind(job.epoch.0)
    .bind(fraction)
    .bind(cpu_ms)
    .bind(count)
    .fetch_optional(tx.conn())
    .await
    .map_err(StoreError::query("advance a job"))?;
    let Some(row) = row else { return Err(StoreError::StaleEpoch { job: job.id }) };
    let failed = StoreError::query("advance a job");
    Ok(Job {
        fraction: row.try_get("fraction").map_err(&failed)?,
        cpu_ms: row.try_get("cpu_ms").map_err(&failed)?,
        last_seq: row.try_get("last_seq").map_err(&failed)?,
        ..job.clone()
    })
}

pub async fn get(store: &Store, tenant: &TenantId, id: JobId) -> Result<Option<Job>, StoreError> {
    let sql = format!("select {JOB_COLUMNS} from jobs where id = $1 and tenant = $2");
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(id.to_string())
        .bind(tenant.as_str())
        .fetch_optional(store.reader())
        .await
        .map_err(StoreError::query("read a job"))?;
    row.as_ref().map(to_job).transpose()
}

/// The same as [`get`], as this transaction sees it.
pub async fn get_in(tx: &mut Tx, tenant: &TenantId, id: JobId) -> Result<Option<Job>, StoreError> {
    let sql = format!("select {JOB_COLUMNS} from jobs where id = $1 and tenant = $2");
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(id.to_string())
        .bind(tenant.as_str())
        .fetch_optional(tx.conn())
        .await
        .map_err(StoreError::query("read a job"))?;
    row.as_ref().map(to_job).transpose()
}

/// Tells a job as it stands, after a change that is no transition.
pub(super) async fn tell(tx: &mut Tx, job: &Job, now: Timestamp) -> Result<Job, StoreError> {
    let job = advance(tx, job, job.fraction, 0, 1).await?;
    events::append(tx, &job, job.last_seq, now, EventKind::State, &told(&job)).await?;
    Ok(job)
}

/// One page, newest first.
pub async fn list(
    store: &Store,
    tenant: &TenantId,
    filter: &Filter,
) -> Result<Vec<Job>, StoreError> {
    let mut sql =
        QueryBuilder::<Sqlite>::new(format!("select {JOB_COLUMNS} from jobs where tenant = "));
    sql.push_bind(tenant.as_str());
    sql.push(if filter.is_trashed {
        " and trashed_at is not null"
    } else {
        " and trashed_at is null"
    });
    if let Some(status) = &filter.status {
        sql.push(" and status = ").push_bind(status);
    }
    if let Some(stage) = filter.stage {
        sql.push(" and stage = ").push_bind(stage.as_str());
    }
    if let Some(tag) = &filter.tag {
        sql.push(" and exists (select 1 from json_each(options, '$.tags') where value = ");
        sql.push_bind(tag).push(")");
    }
    if let Some(since) = filter.since {
        sql.push(" and created_at >= ").push_bind(since.timestamp_millis());
    }
    if let Some(until) = filter.until {
        sql.push(" and created_at < ").push_bind(until.timestamp_millis());
    }
    if let Some(before) = filter.before {
        sql.push(" and id < ").push_bind(before.to_string());
    }
    sql.push(" order by id desc limit ").push_bind(filter.limit);
    let rows = sql.build().fetch_all(store.reader()).await;
    rows.map_err(StoreError::query("list jobs"))?.iter().map(to_job).collect()
}

/// Jobs whose turn it is, the most urgent first.
pub async fn due(store: &Store, now: Timestamp, limit: i64) -> Result<Vec<Job>, StoreError> {
    let sql =
        format!("select {JOB_COLUMNS} from jobs where due_at <= $1 order by priority, id limit $2");
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(now.timestamp_millis())
        .bind(limit)
        .fetch_all(store.reader())
        .await
        .map_err(StoreError::query("look for due jobs"))?;
    rows.iter().map(to_job).collect()
}

/// Jobs that somebody works on, or did when it ended.
pub async fn running(store: &Store) -> Result<Vec<Job>, StoreError> {
    let sql = format!("select {JOB_COLUMNS} from jobs where status = 'running' and due_at <= 0");
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(store.reader()).await;
    rows.map_err(StoreError::query("look for running jobs"))?.iter().map(to_job).collect()
}

/// The ids of all jobs of all tenants.
pub async fn ids(store: &Store) -> Result<HashSet<JobId>, StoreError> {
    let failed = StoreError::query("list all jobs");
    let rows =
        sqlx::query("select id from jobs").fetch_all(store.reader()).await.map_err(&failed)?;
    rows.iter().map(|row| passages::to_job_id(row.try_get("id").map_err(&failed)?)).collect()
}

/// How many jobs stand in each status, for metrics.
pub async fn count_by_status(store: &Store) -> Result<Vec<(String, i64)>, StoreError> {
    let failed = StoreError::query("count jobs");
    let rows = sqlx::query("select status, count(*) as n from jobs group by status")
        .fetch_all(store.reader())
        .await
        .map_err(&failed)?;
    rows.iter()
        .map(|row| {
            let status = row.try_get("status").map_err(&failed)?;
            Ok((status, row.try_get("n").map_err(&failed)?))
        })
        .collect()
}

/// The newest job of the same upload that has not ended badly.
pub async fn same_upload(
    tx: &mut Tx,
    tenant: &TenantId,
    fingerprint: &str,
) -> Result<Option<Job>, StoreError> {
    let sql = format!(
        "select {JOB_COLUMNS} from jobs where tenant = $1 and fingerprint = $2 \
         and status not in ('failed', 'cancelled') order by id desc limit 1"
    );
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(tenant.as_str())
        .bind(fingerprint)
        .fetch_optional(tx.conn())
        .await
        .map_err(StoreError::query("look for the same upload"))?;
    row.as_ref().map(to_job).transpose()
}

/// A finished job that has heard the same sound in the same way.
pub async fn same_hearing(store: &Store, job: &Job) -> Result<Option<Job>, StoreError> {
    let sql = format!(
        "select {JOB_COLUMNS} from jobs where tenant = $1 and hearing = $2 and status = 'done' \
         order by id desc limit 1"
    );
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(job.tenant.as_str())
        .bind(job.hearing())
        .fetch_optional(store.reader())
        .await
        .map_err(StoreError::query("look for the same hearing"))?;
    row.as_ref().map(to_job).transpose()
}

/// What an idempotency key was used for: the fingerprint and the job.
pub async fn keyed(
    tx: &mut Tx,
    tenant: &TenantId,
    key: &str,
) -> Result<Option<(String, Job)>, StoreError> {
    let columns = job_columns();
    let sql = format!(
        "select {columns}, keys.fingerprint as used_for from idempotency_keys keys \
         join jobs on jobs.id = keys.job_id where keys.tenant = $1 and keys.key = $2"
    );
    let failed = StoreError::query("look for an idempotency key");
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(tenant.as_str())
        .bind(key)
        .fetch_optional(tx.conn())
        .await
        .map_err(&failed)?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((row.try_get("used_for").map_err(failed)?, to_job(&row)?)))
}

pub async fn remember_key(
    tx: &mut Tx,
    job: &Job,
    key: &str,
    fingerprint: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into idempotency_keys (tenant, key, fingerprint, job_id, created_at) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind(job.tenant.as_str())
    .bind(key)
    .bind(fingerprint)
    .bind(job.id.to_string())
    .bind(job.created_at.timestamp_millis())
    .execute(tx.conn())
    .await
    .map_err(StoreError::query("remember an idempotency key"))?;
    Ok(())
}

fn stage(state: &JobState) -> Option<&'static str> {
    state.work().map(|work| work.stage.as_str())
}

fn attempt(state: &JobState) -> i64 {
    state.work().map_or(0, |work| i64::from(work.attempt))
}

fn spoken_at(recorded_at: Option<DateTime<FixedOffset>>, created_at: Timestamp) -> String {
    let at = recorded_at.unwrap_or_else(|| clock::in_local_zone(created_at));
    at.format(SPOKEN).to_string()
}

fn due_at(state: &JobState) -> Option<i64> {
    state.due_at().map(|at| at.timestamp_millis())
}

/// A state as the journal tells it: folding these gives the job's row.
fn told(job: &Job) -> serde_json::Value {
    let work = job.state.work();
    json!({
        "status": job.state.status(),
        "stage": work.map(|w| w.stage),
        "attempt": work.map_or(0, |w| w.attempt),
        "epoch": job.epoch,
        "fraction": job.fraction,
        "error": job.state.failure().map(JobError::from),
        "title": job.title,
        "tags": job.options.tags,
        "trashed_at": job.trashed_at,
    })
}
