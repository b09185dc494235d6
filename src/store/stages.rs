//! The stages that are paused, for all nodes: a row a stage, until somebody resumes it.

use super::database::{Store, Tx};
use super::error::StoreError;
use super::values::values;
use crate::domain::Timestamp;
use crate::domain::job_state::Stage;
use std::collections::BTreeMap;

/// How a stage stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub stage: Stage,
    pub paused_at: Option<Timestamp>,
    /// Jobs that wait for their turn there.
    pub waiting: i64,
    pub running: i64,
}

/// Pauses a stage; one that is paused already stays so since then.
pub async fn pause(tx: &mut Tx, stage: Stage, now: Timestamp) -> Result<(), StoreError> {
    let sql = "insert into paused_stages (stage, paused_at) values ($1, $2) on conflict (stage) do nothing";
    tx.execute("pause a stage", sql, values![stage.as_str(), now]).await?;
    Ok(())
}

pub async fn resume(tx: &mut Tx, stage: Stage) -> Result<(), StoreError> {
    let sql = "delete from paused_stages where stage = $1";
    tx.execute("resume a stage", sql, values![stage.as_str()]).await?;
    Ok(())
}

/// The paused stages, with the moment since when.
pub async fn paused(store: &Store) -> Result<BTreeMap<Stage, i64>, StoreError> {
    let sql = "select stage, paused_at from paused_stages";
    let rows = store.reader().fetch_all("look for paused stages", sql, values![]).await?;
    let mut paused = BTreeMap::new();
    for row in rows {
        let name: String = row.get("stage")?;
        if let Some(stage) = Stage::parse(&name) {
            paused.insert(stage, row.get("paused_at")?);
        }
    }
    Ok(paused)
}

/// How every stage stands, in the order of a job's life.
pub async fn standing(store: &Store) -> Result<Vec<Standing>, StoreError> {
    let paused = paused(store).await?;
    let count = async |sql: &'static str| {
        let rows = store.reader().fetch_all("count the jobs of each stage", sql, values![]).await?;
        let read = |row: &super::values::Row| Ok((row.get::<String>("stage")?, row.get("n")?));
        rows.iter().map(read).collect::<Result<BTreeMap<String, i64>, StoreError>>()
    };
    let waiting =
        count("select stage, count(*) as n from jobs where turn_at is not null group by stage")
            .await?;
    let running =
        count("select stage, count(*) as n from jobs where status = 'running' group by stage")
            .await?;
    let of = |counted: &BTreeMap<String, i64>, stage: Stage| {
        counted.get(stage.as_str()).copied().unwrap_or(0)
    };
    Stage::ALL
        .into_iter()
        .map(|stage| {
            Ok(Standing {
                stage,
                paused_at: paused.get(&stage).copied().map(super::row::to_time).transpose()?,
                waiting: of(&waiting, stage),
                running: of(&running, stage),
            })
        })
        .collect()
}
