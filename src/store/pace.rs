//! How fast things go here, as the jobs themselves tell: what each model took, and how long the queue is.

use super::dialect::Store;
use super::error::StoreError;
use crate::domain::Timestamp;
use sqlx::Row;

/// What a model has taken for the recordings of finished jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    pub model: String,
    pub cpu_ms: i64,
    pub sound_ms: i64,
}

/// The pace of each model that has heard anything. A job that took its text from another one tells nothing.
pub async fn by_model(store: &Store) -> Result<Vec<Pace>, StoreError> {
    let failed = StoreError::query("read how fast the models are");
    let rows = sqlx::query(
        "select json_extract(model, '$.name') as name, sum(cpu_ms) as cpu_ms, \
         sum(json_extract(audio, '$.duration_ms')) as sound_ms from jobs \
         where status = 'done' and cpu_ms > 0 group by name having sound_ms > 0",
    )
    .fetch_all(store.reader())
    .await
    .map_err(&failed)?;
    rows.iter()
        .map(|row| {
            Ok(Pace {
                model: row.try_get("name").map_err(&failed)?,
                cpu_ms: row.try_get("cpu_ms").map_err(&failed)?,
                sound_ms: row.try_get("sound_ms").map_err(&failed)?,
            })
        })
        .collect()
}

/// Since when the job whose turn it has been longest waits; none where no job waits for its turn.
pub async fn oldest_due(store: &Store, now: Timestamp) -> Result<Option<i64>, StoreError> {
    let failed = StoreError::query("look for the job that waits longest");
    let row = sqlx::query(
        "select min(due_at) as due_at from jobs where status = 'queued' and due_at <= $1",
    )
    .bind(now.timestamp_millis())
    .fetch_one(store.reader())
    .await
    .map_err(&failed)?;
    row.try_get("due_at").map_err(failed)
}
