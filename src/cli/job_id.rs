//! A job by its id, or by as much of it as no other job has.

use crate::client::{Client, ClientError};
use crate::domain::ids::JobId;

/// What a prefix is filled up with to stand behind all ids that begin with it.
const LAST: &str = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/// The job that is meant, or why it is not known which.
pub async fn find(client: &Client, given: &str) -> Result<Result<JobId, String>, ClientError> {
    if let Ok(id) = given.parse() {
        return Ok(Ok(id));
    }
    let prefix = given.to_ascii_lowercase();
    let is_prefix = !prefix.is_empty() && prefix.len() < LAST.len();
    let Some(rest) = LAST.get(prefix.len()..).filter(|_| is_prefix) else {
        return Ok(Err(format!("`{given}` is no job id")));
    };
    let behind = format!("{prefix}{rest}");
    let Ok(last) = behind.parse::<JobId>() else {
        return Ok(Err(format!("`{given}` is no job id")));
    };
    // A page begins behind its cursor, which may be a job as well.
    let itself = match client.job(last).await {
        Ok(job) => Some(job.id),
        Err(ClientError::Refused { status: 404, .. }) => None,
        Err(error) => return Err(error),
    };
    let page = client.jobs(&[("cursor", behind), ("limit", "2".to_owned())]).await?;
    let mut ids = itself.into_iter().chain(page.items.into_iter().map(|job| job.id));
    let mut fitting = ids.by_ref().filter(|id| id.to_string().starts_with(&prefix));
    match (fitting.next(), fitting.next()) {
        (Some(id), None) => Ok(Ok(id)),
        (Some(_), Some(_)) => {
            Ok(Err(format!("several jobs begin with `{given}`; give more of the id")))
        }
        (None, _) => Ok(Err(format!("no job begins with `{given}`"))),
    }
}
