//! Recordings without a job: a crash came between the file and its row. Their senders were never told that they were taken.

use super::shared::Shared;
use crate::clock;
use crate::domain::Timestamp;
use crate::domain::ids::JobId;
use crate::store::removals;
use crate::telemetry::chain;

/// Recordings that are looked up in one statement.
const AT_ONCE: usize = 1_000;

/// Sets them aside at the start, where nobody is taking a recording yet. They are kept: the row may be what was lost.
pub async fn sweep(shared: &Shared) {
    let homes = match shared.folder.homes() {
        Ok(homes) => homes,
        Err(error) => {
            tracing::error!(%error, "cannot look for recordings without a job");
            return;
        }
    };
    for some in homes.chunks(AT_ONCE) {
        match removals::known(&shared.store, some).await {
            Ok(known) => {
                some.iter().filter(|job| !known.contains(job)).for_each(|&job| aside(shared, job));
            }
            Err(error) => {
                tracing::error!(error = chain(&error), "cannot look for recordings without a job");
                return;
            }
        }
    }
}

fn aside(shared: &Shared, job: JobId) {
    match shared.folder.set_aside(job) {
        Ok(Some(to)) => {
            tracing::warn!(to = %to.display(), "a recording without a job is set aside");
        }
        Ok(None) => {}
        Err(error) => tracing::error!(%job, %error, "a recording without a job stays"),
    }
}

/// Removes what was set aside for longer than the trash is kept; says how many recordings that were.
pub fn purge(shared: &Shared, now: Timestamp) -> usize {
    let Some(before) = now.checked_sub_signed(shared.config.storage.trash_keep()) else { return 0 };
    let is_old = |at| clock::to_local(at) <= before;
    shared.folder.purge_aside(is_old).unwrap_or_else(|error| {
        tracing::warn!(%error, "what was set aside stays");
        0
    })
}
