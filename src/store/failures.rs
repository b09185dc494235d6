//! What has failed, by reason: where a person begins who wants to know what to do about it.

use super::database::Store;
use super::error::StoreError;
use super::jobs;
use super::passages::to_job_id;
use super::values::values;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use sqlx::AssertSqlSafe;

/// The failed jobs of one reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Failures {
    pub count: i64,
    pub newest: Job,
}

/// All reasons, the most frequent first. The trash does not count.
pub async fn by_code(store: &Store, tenant: &TenantId) -> Result<Vec<Failures>, StoreError> {
    let rows = store
        .reader()
        .fetch_all(
            "count failed jobs",
            "select count(*) as n, max(id) as newest from jobs where tenant = $1 and status = 'failed' \
             and trashed_at is null group by error_code order by n desc, newest desc",
            values![tenant],
        )
        .await?;
    let mut found = Vec::new();
    for row in rows {
        let newest = jobs::get(store, tenant, to_job_id(row.get("newest")?)?).await?;
        // One that was removed meanwhile tells nothing.
        if let Some(newest) = newest {
            found.push(Failures { count: row.get("n")?, newest });
        }
    }
    Ok(found)
}

/// Failed jobs of one reason or of all, oldest first. The trash does not count.
pub async fn ids(
    store: &Store,
    tenant: &TenantId,
    code: Option<&str>,
    limit: i64,
) -> Result<Vec<JobId>, StoreError> {
    let of = if code.is_some() { " and error_code = $3" } else { "" };
    let sql = format!(
        "select id from jobs where tenant = $1 and status = 'failed' and trashed_at is null{of} \
         order by id limit $2"
    );
    let mut values = values![tenant, limit];
    values.extend(code.map(Into::into));
    let rows = store.reader().fetch_all("look for failed jobs", AssertSqlSafe(sql), values).await?;
    rows.iter().map(|row| to_job_id(row.get("id")?)).collect()
}
