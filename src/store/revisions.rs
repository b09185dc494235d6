//! The corrected versions of transcripts, each with what it changed in the one before.

use super::database::{Store, Tx};
use super::error::StoreError;
use super::row::{to_json, to_time};
use super::values::{Row, values};
use crate::domain::edits::Revision;
use crate::domain::job::Job;

const LISTING: &str = "read the versions of a transcript";
const LIST: &str = "select version, created_at, edits from transcript_versions where job_id = $1 and \
    tenant = $2 order by version";

/// All versions of a job's transcript after Whisper's own, oldest first.
pub async fn list(store: &Store, job: &Job) -> Result<Vec<Revision>, StoreError> {
    let rows = store.reader().fetch_all(LISTING, LIST, values![job.id, &job.tenant]).await?;
    rows.iter().map(to_revision).collect()
}

/// The same, as this transaction sees them.
pub async fn list_in(tx: &mut Tx, job: &Job) -> Result<Vec<Revision>, StoreError> {
    let rows = tx.fetch_all(LISTING, LIST, values![job.id, &job.tenant]).await?;
    rows.iter().map(to_revision).collect()
}

/// Writes a version down. There is no second one of its number.
pub async fn add(tx: &mut Tx, job: &Job, revision: &Revision) -> Result<(), StoreError> {
    tx.execute(
        "keep a version of a transcript",
        "insert into transcript_versions (job_id, tenant, version, created_at, edits) \
         values ($1, $2, $3, $4, $5)",
        values![
            job.id,
            &job.tenant,
            revision.version,
            revision.created_at,
            to_json("edits", &revision.edits)?
        ],
    )
    .await?;
    Ok(())
}

fn to_revision(row: &Row) -> Result<Revision, StoreError> {
    let edits: String = row.get("edits")?;
    let version: i64 = row.get("version")?;
    Ok(Revision {
        version: u32::try_from(version).map_err(|_| StoreError::Column {
            reason: format!("{version} is no version of a transcript"),
        })?,
        created_at: to_time(row.get("created_at")?)?,
        edits: serde_json::from_str(&edits).map_err(StoreError::decode("edits"))?,
    })
}
