//! The queue: who waits for a claim, and the claim itself, one statement for as many jobs as there are places.
//!
//! A job waits exactly while its row has a `turn_at`. What is not due yet has none, and gets it when it is woken, so that
//! a claim walks along an index and never passes over a row that it cannot take.

use super::database::{Store, Tx};
use super::dialect::Dialect;
use super::error::StoreError;
use super::events;
use super::passages::to_job_id;
use super::row::{JOB_COLUMNS, to_job, told};
use super::values::{Row, values};
use crate::domain::Timestamp;
use crate::domain::dispatch::Lane;
use crate::domain::ids::{Epoch, JobId, NodeId, TenantId};
use crate::domain::job::Job;
use crate::domain::job_state::Stage;
use crate::domain::record::EventKind;
use sqlx::AssertSqlSafe;

/// Jobs that are woken in one transaction.
const WOKEN_MAX: i64 = 1_000;

/// What a claim may take.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    pub tenant: &'a TenantId,
    pub heads: &'a [Head],
    pub most: usize,
    /// Only jobs whose recording is in this data folder; all, if none is given.
    pub home: Option<&'a str>,
}

/// From where on a line of a tenant is looked at. What left it lately still lies before its first job, until PostgreSQL may
/// clear it away: as long as a backup takes, or longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub stage: Stage,
    pub lane: Lane,
    pub since: Timestamp,
}

impl Head {
    /// All lines of a tenant in these lanes, from their beginnings.
    pub fn all(lanes: &[Lane]) -> Vec<Self> {
        let since = Timestamp::MIN_UTC;
        let in_stage = |stage| lanes.iter().map(move |&lane| Self { stage, lane, since });
        Stage::ALL.into_iter().flat_map(in_stage).collect()
    }
}

/// A line in which at least one job waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub tenant: TenantId,
    pub stage: Stage,
    pub lane: Lane,
}

/// The lines of all tenants, by their names; without those of paused stages.
pub async fn lines(store: &Store) -> Result<Vec<Line>, StoreError> {
    let rows = store.reader().fetch_all("look who waits", LINES, values![]).await?;
    rows.iter().map(to_line).collect()
}

/// The same as this transaction sees it.
pub async fn lines_in(tx: &mut Tx) -> Result<Vec<Line>, StoreError> {
    let rows = tx.fetch_all("look who waits", LINES, values![]).await?;
    rows.iter().map(to_line).collect()
}

/// From one line to the next along the index: as many steps as there are lines, however many jobs wait in them.
pub(super) const LINES: &str = "with recursive line (stage, tenant, lane) as (\
    select * from (select stage, tenant, lane from jobs where turn_at is not null \
    order by stage, tenant, lane limit 1) as first \
    union all \
    select jobs.stage, jobs.tenant, jobs.lane from line join jobs on jobs.id = (\
    select id from jobs as next where next.turn_at is not null \
    and (next.stage, next.tenant, next.lane) > (line.stage, line.tenant, line.lane) \
    order by next.stage, next.tenant, next.lane limit 1)) \
    select tenant, stage, lane from line where stage not in (select stage from paused_stages) \
    order by tenant, stage, lane";

fn to_line(row: &Row) -> Result<Line, StoreError> {
    let (stage, lane): (String, i64) = (row.get("stage")?, row.get("lane")?);
    let broken = |reason| StoreError::Column { reason };
    Ok(Line {
        tenant: TenantId::from(row.get::<String>("tenant")?),
        stage: Stage::parse(&stage).ok_or_else(|| broken(format!("stage {stage}")))?,
        lane: Lane::parse(lane).ok_or_else(|| broken(format!("lane {lane}")))?,
    })
}

/// Claims what is first in line: it runs on `node` under its next epoch, and nobody else gets it.
pub async fn claim(
    tx: &mut Tx,
    node: &NodeId,
    wish: &Wish<'_>,
    now: Timestamp,
) -> Result<Vec<Job>, StoreError> {
    if wish.most == 0 || wish.heads.is_empty() {
        return Ok(Vec::new());
    }
    let sql = claim_sql(tx.dialect(), &first_in_line(tx.dialect(), wish));
    let mut values = values![&node.0, now, wish.most as i64, wish.tenant];
    values.extend(wish.heads.iter().map(|head| head.since.into()));
    values.extend(wish.home.map(Into::into));
    let rows = tx.fetch_all("claim jobs", AssertSqlSafe(sql), values).await?;
    let mut jobs = rows.iter().map(to_job).collect::<Result<Vec<_>, _>>()?;
    jobs.sort_by_key(|job| (job.line_at, job.id));
    for job in &jobs {
        events::append(tx, job, job.last_seq, now, EventKind::State, &told(job));
    }
    Ok(jobs)
}

/// Claims this very job, if it waits and was not changed since it was read.
pub async fn claim_again(
    tx: &mut Tx,
    node: &NodeId,
    job: &Job,
    now: Timestamp,
) -> Result<Option<Job>, StoreError> {
    let picked = "select id from jobs where id = $3 and version = $4 and turn_at is not null";
    let sql = claim_sql(tx.dialect(), picked);
    let values = values![&node.0, now, job.id, job.version];
    let row = tx.fetch_optional("claim a job again", AssertSqlSafe(sql), values).await?;
    let Some(job) = row.as_ref().map(to_job).transpose()? else { return Ok(None) };
    events::append(tx, &job, job.last_seq, now, EventKind::State, &told(&job));
    Ok(Some(job))
}

/// The transition of the state machine from queued to running, for all rows of `picked` at once.
pub(super) fn claim_sql(dialect: Dialect, picked: &str) -> String {
    let (state, leased) = (dialect.running_state(), dialect.leased("$1"));
    format!(
        "with picked as materialized ({picked}) \
         update jobs set state = {state}, status = 'running', epoch = epoch + 1, version = version + 1, node = $1, \
         due_at = null, turn_at = null, started_at = coalesce(started_at, $2), last_seq = last_seq + 1 \
         where id in (select id from picked) and {leased} returning {JOB_COLUMNS}"
    )
}

/// The first `$3` jobs of tenant `$4`: the first ones of each line from `$5` on, and of these the first. SQLite plans a
/// statement anew whenever a bare parameter of its limit is bound, and this one takes longer to plan than to run: so it is
/// a sum.
pub(super) fn first_in_line(dialect: Dialect, wish: &Wish<'_>) -> String {
    let (lock, heads) = (dialect.for_update_skip_locked(), wish.heads);
    let home = format!(" and (home is null or home = ${})", heads.len() + 5);
    let home = if wish.home.is_some() { &home } else { "" };
    let line = |(n, head): (usize, &Head)| {
        let (stage, lane, since) = (head.stage.as_str(), head.lane.as_i64(), n + 5);
        format!(
            "select * from (select id, turn_at from jobs where tenant = $4 and stage = '{stage}' and lane = {lane} \
             and turn_at >= ${since} and not exists (select 1 from paused_stages where stage = '{stage}'){home} \
             order by turn_at, id limit $3 + 0{lock}) as line_{n}"
        )
    };
    let lines: Vec<String> = heads.iter().enumerate().map(line).collect();
    format!(
        "select id from ({}) as lines order by turn_at, id limit $3 + 0",
        lines.join(" union all ")
    )
}

/// What stands in line before a job, of all tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    pub jobs: i64,
    /// The length of the recordings; of the first thousand, where there are more.
    pub sound_ms: i64,
}

/// `None` for a job that does not stand in line itself.
pub async fn ahead(store: &Store, job: &Job) -> Result<Option<Ahead>, StoreError> {
    let sound = store.reader().dialect().json_int("audio", "duration_ms");
    let sql = format!(
        "select (select count(*) from jobs where turn_at < $2) as n, \
         (select cast(coalesce(sum(sound), 0) as bigint) from (select {sound} as sound from jobs \
          where turn_at < $2 order by turn_at limit 1000) as first) as sound_ms \
         from jobs where id = $1 and turn_at is not null"
    );
    let values = values![job.id, job.line_at];
    let row =
        store.reader().fetch_optional("look what is ahead", AssertSqlSafe(sql), values).await?;
    row.map(|row| Ok(Ahead { jobs: row.get("n")?, sound_ms: row.get("sound_ms")? })).transpose()
}

/// Puts into the line whatever has waited for its time; says how many jobs that were.
pub async fn wake_queued(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "wake jobs",
        "update jobs set turn_at = line_at where id in (select id from jobs \
         where turn_at is null and due_at <= $1 and status = 'queued' order by due_at limit $2)",
        values![now, WOKEN_MAX],
    )
    .await
}

/// Jobs whose time has come, and which are not in line yet.
pub async fn due(store: &Store, now: Timestamp) -> Result<Vec<Job>, StoreError> {
    let sql = format!(
        "select {JOB_COLUMNS} from jobs where turn_at is null and due_at <= $1 order by due_at limit $2"
    );
    let values = values![now, WOKEN_MAX];
    let rows = store.reader().fetch_all("look for due jobs", AssertSqlSafe(sql), values).await?;
    rows.iter().map(to_job).collect()
}

/// How many jobs are neither over nor running, of a tenant or of all; counted no further than `most`.
pub async fn unfinished(
    store: &Store,
    tenant: Option<&TenantId>,
    most: i64,
) -> Result<i64, StoreError> {
    let of = if tenant.is_some() { " and tenant = $2" } else { "" };
    let sql = format!(
        "select count(*) as n from \
         (select 1 as one from jobs where due_at is not null{of} limit $1) as unfinished"
    );
    let mut values = values![most];
    values.extend(tenant.map(Into::into));
    let row = store.reader().fetch_one("count unfinished jobs", AssertSqlSafe(sql), values).await?;
    row.get("n")
}

/// A claim that stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub tenant: TenantId,
    pub job: JobId,
    pub epoch: Epoch,
}

/// The claims that a node answers for: its own, and those of nodes that are gone.
pub async fn held(store: &Store, node: &NodeId) -> Result<Vec<Held>, StoreError> {
    let sql = held_sql(store.at_once().dialect());
    let values = values![&node.0];
    // Where it surely goes by its index: by old statistics all jobs may seem to run.
    let rows = store.at_once().fetch_all("look for claims", AssertSqlSafe(sql), values).await?;
    rows.iter()
        .map(|row| {
            Ok(Held {
                tenant: TenantId::from(row.get::<String>("tenant")?),
                job: to_job_id(row.get("id")?)?,
                epoch: Epoch(row.get("epoch")?),
            })
        })
        .collect()
}

/// In the order of the jobs, and found by what runs: never by looking through all jobs that there ever were, as the order
/// of the ids themselves would have a planner do.
pub(super) fn held_sql(dialect: Dialect) -> String {
    let answers = dialect.answers_for("$1");
    format!(
        "select tenant, id, epoch from jobs where status = 'running' and {answers} order by id || ''"
    )
}
