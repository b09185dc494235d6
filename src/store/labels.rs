//! What a person calls a job: its title and its tags, in every place where they are looked for.

use super::database::{Store, Tx};
use super::dialect::Kind;
use super::error::StoreError;
use super::jobs;
use super::notes;
use super::passages;
use super::row::to_json;
use super::values::values;
use crate::domain::Timestamp;
use crate::domain::amendment::Amendment;
use crate::domain::ids::TenantId;
use crate::domain::job::Job;
use crate::domain::options::JobOptions;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

/// Changes title and tags of a job and of its note, and tells it. What makes two uploads the same does not change.
pub async fn amend(
    tx: &mut Tx,
    job: &Job,
    amendment: &Amendment,
    now: Timestamp,
) -> Result<Job, StoreError> {
    let title = amendment.title.clone().or_else(|| job.title.clone());
    let tags = amendment.tags.clone().unwrap_or_else(|| job.options.tags.clone());
    let job = Job { title, options: JobOptions { tags, ..job.options.clone() }, ..job.clone() };
    tx.execute(
        "amend a job",
        "update jobs set title = $2, options = $3 where id = $1",
        values![job.id, &job.title, to_json("options", &job.options)?],
    )
    .await?;
    notes::amend(tx, &job, amendment).await?;
    if let Some(tags) = &amendment.tags {
        put(tx, &job, tags).await?;
    }
    if let Some(title) = &amendment.title {
        passages::retitle(tx, &job, title).await?;
    }
    jobs::tell(tx, &job, now).await
}

/// The tags under which a job is found, in place of those before.
pub(super) async fn put(tx: &mut Tx, job: &Job, tags: &[String]) -> Result<(), StoreError> {
    tx.execute("keep the tags of a job", "delete from job_tags where job_id = $1", values![job.id])
        .await?;
    for (idx, tag) in (0i64..).zip(tags) {
        tx.execute(
            "keep the tags of a job",
            "insert into job_tags (job_id, tenant, idx, tag, is_trashed) select id, tenant, \
             $2, $3, case when trashed_at is null then 0 else 1 end from jobs where id = $1 \
             on conflict (job_id, tag) do nothing",
            values![job.id, idx, tag],
        )
        .await?;
    }
    Ok(())
}

/// The tags that new jobs were sent with.
pub(super) async fn put_given(tx: &mut Tx, jobs: &[&Job]) -> Result<(), StoreError> {
    let rows: Vec<Value> = jobs
        .iter()
        .flat_map(|job| (0i64..).zip(&job.options.tags).map(move |(idx, tag)| (job, idx, tag)))
        .map(|(job, idx, tag)| json!([job.id, job.tenant, idx, tag]))
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let columns =
        [("job_id", Kind::Text), ("tenant", Kind::Text), ("idx", Kind::Int), ("tag", Kind::Text)];
    let sql = format!(
        "insert into job_tags (job_id, tenant, idx, tag, is_trashed) \
         select job_id, tenant, idx, tag, 0 from {} as given where true \
         on conflict (job_id, tag) do nothing",
        tx.dialect().rows("$1", &columns)
    );
    let values = values![Value::from(rows).to_string()];
    tx.execute("keep the tags of new jobs", AssertSqlSafe(sql), values).await?;
    Ok(())
}

/// Every tag with the number of entries that have it, the most used first. The trash does not count.
pub async fn count(store: &Store, tenant: &TenantId) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = store
        .reader()
        .fetch_all(
            "count the tags",
            "select tag, count(*) as n from job_tags where tenant = $1 and is_trashed = 0 \
             group by tag order by n desc, tag",
            values![tenant],
        )
        .await?;
    rows.iter().map(|row| Ok((row.get("tag")?, row.get("n")?))).collect()
}
