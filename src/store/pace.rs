//! How fast things go here, as the jobs themselves tell: what each model took, and how long the queue is.

use super::database::Store;
use super::error::StoreError;
use super::values::values;
use sqlx::AssertSqlSafe;

/// What a model has taken for the recordings of finished jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    pub model: String,
    pub cpu_ms: i64,
    pub sound_ms: i64,
}

/// The pace of each model that has heard anything. A job that took its text from another one tells nothing.
pub async fn by_model(store: &Store) -> Result<Vec<Pace>, StoreError> {
    let reader = store.reader();
    let sql = format!(
        "select * from (select {name} as name, cast(sum(cpu_ms) as bigint) as cpu_ms, \
         cast(sum({sound}) as bigint) as sound_ms from jobs where status = 'done' and \
         cpu_ms > 0 group by {name}) as heard where sound_ms > 0",
        name = reader.dialect().json_text("model", "name"),
        sound = reader.dialect().json_int("audio", "duration_ms"),
    );
    let what = "read how fast the models are";
    let rows = reader.fetch_all(what, AssertSqlSafe(sql), values![]).await?;
    rows.iter()
        .map(|row| {
            Ok(Pace {
                model: row.get("name")?,
                cpu_ms: row.get("cpu_ms")?,
                sound_ms: row.get("sound_ms")?,
            })
        })
        .collect()
}

/// Since when the job whose turn it has been longest waits; none where no job waits for its turn.
pub async fn oldest_due(store: &Store) -> Result<Option<i64>, StoreError> {
    let row = store
        .reader()
        .fetch_one(
            "look for the job that waits longest",
            "select min(due_at) as due_at from jobs where turn_at is not null",
            values![],
        )
        .await?;
    row.get("due_at")
}
