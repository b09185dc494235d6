//! The table of jobs: created with their first events, read by page, changed only by a fenced write.

use super::database::{Store, Tx};
use super::error::StoreError;
use super::events;
use super::labels;
use super::passages;
use super::row::{
    JOB_COLUMNS, attempt, due_at, job_columns, spoken_at, stage, to_job, to_json, told,
};
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

/// Writes a new job as it stands, and its first event.
pub async fn create(tx: &mut Tx, job: &Job, fingerprint: &str) -> Result<Job, StoreError> {
    tx.execute(
        "create a job",
        "insert into jobs (id, tenant, state, status, stage, attempt, epoch, version, priority, \
         due_at, options, file_name, audio, recorded_at, language, model, fraction, \
         cpu_ms, last_seq, told_chunks, told_segments, fingerprint, hearing, created_at, \
         spoken_at, line_at, lane) values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, $11, $12, $13, $14, \
         $15, $16, $17, $18, 0, 0, $19, $20, $21, $22, $23, $24)",
        values![
            job.id,
            &job.tenant,
            to_json("state", &job.state)?,
            job.state.status(),
            stage(&job.state),
            attempt(&job.state),
            job.epoch,
            job.options.priority.rank(),
            due_at(&job.state),
            to_json("options", &job.options)?,
            &job.file_name,
            to_json("audio facts", &job.audio)?,
            job.recorded_at.map(|at| at.to_rfc3339()),
            &job.language,
            to_json("model", &job.model)?,
            job.fraction,
            job.cpu_ms,
            1,
            fingerprint,
            job.hearing(),
            job.created_at,
            spoken_at(job.recorded_at, job.created_at),
            job.line_at,
            job.lane().as_i64()
        ],
    )
    .await?;
    labels::put(tx, job, &job.options.tags).await?;
    passages::put(tx, job, None).await?;
    let job = Job { version: 1, last_seq: 1, ..job.clone() };
    events::append(tx, &job, 1, job.created_at, EventKind::State, &told(&job));
    Ok(job)
}

/// Saves a transition that a running attempt makes, and tells it. Fenced: unless the job still runs under `job.epoch`,
/// nothing changes.
pub async fn save(
    tx: &mut Tx,
    job: &Job,
    next: &JobState,
    now: Timestamp,
) -> Result<Job, StoreError> {
    let held = "epoch = $2 and status = 'running'";
    let saved = write_state(tx, job, (held, job.epoch.0), next, now).await?;
    saved.ok_or(StoreError::StaleEpoch { job: job.id })
}

/// Saves a transition of a job that the writer does not hold, and tells it; nothing changes unless the job is still at
/// `job.version`. Whoever works on it finds itself fenced.
pub async fn change(
    tx: &mut Tx,
    job: &Job,
    next: &JobState,
    now: Timestamp,
) -> Result<Job, StoreError> {
    let saved = write_state(tx, job, ("version = $2", job.version), next, now).await?;
    saved.ok_or(StoreError::StaleVersion { job: job.id })
}

async fn write_state(
    tx: &mut Tx,
    job: &Job,
    (fence, token): (&str, i64),
    next: &JobState,
    now: Timestamp,
) -> Result<Option<Job>, StoreError> {
    let running = matches!(next, JobState::Running(_));
    let fraction = if *next == JobState::Done { 1.0 } else { job.fraction };
    let started_at = job.started_at.or_else(|| running.then_some(now));
    let finished_at = next.is_over().then_some(now);
    let in_line = matches!(next, JobState::Queued(queued) if queued.not_before <= now);
    let turn_at = in_line.then_some(job.line_at);
    let error_code = next.failure().map(|why| why.code.as_str());
    let sql = format!(
        "update jobs set state = $3, status = $4, stage = $5, attempt = $6, due_at = $7, \
         fraction = $8, started_at = $9, finished_at = $10, epoch = $11, line_at = $12, turn_at = $13, \
         error_code = $14, version = version + 1, last_seq = last_seq + 1 where id = $1 and {fence} returning {JOB_COLUMNS}"
    );
    let row = tx
        .fetch_optional(
            "save a transition",
            AssertSqlSafe(sql),
            values![
                job.id,
                token,
                to_json("state", next)?,
                next.status(),
                stage(next),
                attempt(next),
                due_at(next),
                fraction,
                started_at,
                finished_at,
                next.epoch().unwrap_or(job.epoch),
                job.line_at,
                turn_at,
                error_code
            ],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let changed = to_job(&row)?;
    events::append(tx, &changed, changed.last_seq, now, EventKind::State, &told(&changed));
    Ok(Some(changed))
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

/// How many jobs stand in each status, for metrics.
pub async fn count_by_status(store: &Store) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = store
        .reader()
        .fetch_all(
            "count jobs",
            "select status, count(*) as n from jobs group by status",
            values![],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let status = row.get("status")?;
            Ok((status, row.get("n")?))
        })
        .collect()
}

/// The newest job of the same upload that has not ended badly.
pub async fn same_upload(
    tx: &mut Tx,
    tenant: &TenantId,
    fingerprint: &str,
) -> Result<Option<Job>, StoreError> {
    tx.alone(&format!("upload {} {fingerprint}", tenant.as_str())).await?;
    let sql = format!(
        "select {JOB_COLUMNS} from jobs where tenant = $1 and fingerprint = $2 and status \
         not in ('failed', 'cancelled') order by id desc limit 1"
    );
    let row = tx
        .fetch_optional(
            "look for the same upload",
            AssertSqlSafe(sql),
            values![tenant, fingerprint],
        )
        .await?;
    row.as_ref().map(to_job).transpose()
}

/// A finished job that has heard the same sound in the same way.
pub async fn same_hearing(store: &Store, job: &Job) -> Result<Option<Job>, StoreError> {
    let sql = format!(
        "select {JOB_COLUMNS} from jobs where tenant = $1 and hearing = $2 and status = \
         'done' order by id desc limit 1"
    );
    let row = store
        .reader()
        .fetch_optional(
            "look for the same hearing",
            AssertSqlSafe(sql),
            values![&job.tenant, job.hearing()],
        )
        .await?;
    row.as_ref().map(to_job).transpose()
}

/// What an idempotency key was used for: the fingerprint and the job.
pub async fn keyed(
    tx: &mut Tx,
    tenant: &TenantId,
    key: &str,
) -> Result<Option<(String, Job)>, StoreError> {
    tx.alone(&format!("key {} {key}", tenant.as_str())).await?;
    let columns = job_columns();
    let sql = format!(
        "select {columns}, keys.fingerprint as used_for from idempotency_keys keys join \
         jobs on jobs.id = keys.job_id where keys.tenant = $1 and keys.key = $2"
    );
    let row = tx
        .fetch_optional("look for an idempotency key", AssertSqlSafe(sql), values![tenant, key])
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((row.get("used_for")?, to_job(&row)?)))
}

pub async fn remember_key(
    tx: &mut Tx,
    job: &Job,
    key: &str,
    fingerprint: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "remember an idempotency key",
        "insert into idempotency_keys (tenant, key, fingerprint, job_id, created_at) \
         values ($1, $2, $3, $4, $5)",
        values![&job.tenant, key, fingerprint, job.id, job.created_at],
    )
    .await?;
    Ok(())
}
