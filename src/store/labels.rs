//! What a person calls a job: its title and its tags, in every place where they are looked for.

use super::dialect::{Store, Tx};
use super::error::StoreError;
use super::jobs;
use super::notes;
use super::passages;
use super::row::to_json;
use crate::domain::Timestamp;
use crate::domain::amendment::Amendment;
use crate::domain::ids::TenantId;
use crate::domain::job::Job;
use crate::domain::options::JobOptions;
use sqlx::Row;

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
    sqlx::query("update jobs set title = $2, options = $3 where id = $1")
        .bind(job.id.to_string())
        .bind(&job.title)
        .bind(to_json("options", &job.options)?)
        .execute(tx.conn())
        .await
        .map_err(StoreError::query("amend a job"))?;
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
    let failed = StoreError::query("keep the tags of a job");
    sqlx::query("delete from job_tags where job_id = $1")
        .bind(job.id.to_string())
        .execute(tx.conn())
        .await
        .map_err(&failed)?;
    for (idx, tag) in (0i64..).zip(tags) {
        sqlx::query(
            "insert or ignore into job_tags (job_id, tenant, idx, tag, is_trashed) \
             select id, tenant, $2, $3, trashed_at is not null from jobs where id = $1",
        )
        .bind(job.id.to_string())
        .bind(idx)
        .bind(tag)
        .execute(tx.conn())
        .await
        .map_err(&failed)?;
    }
    Ok(())
}

/// Every tag with the number of entries that have it, the most used first. The trash does not count.
pub async fn count(store: &Store, tenant: &TenantId) -> Result<Vec<(String, i64)>, StoreError> {
    let failed = StoreError::query("count the tags");
    let rows = sqlx::query(
        "select tag, count(*) as n from job_tags where tenant = $1 and is_trashed = 0 \
         group by tag order by n desc, tag",
    )
    .bind(tenant.as_str())
    .fetch_all(store.reader())
    .await
    .map_err(&failed)?;
    let read = |row| Ok((Row::try_get(row, "tag")?, Row::try_get(row, "n")?));
    rows.iter().map(read).collect::<Result<_, _>>().map_err(failed)
}
