//! Listens to what other nodes commit, so that this one looks in time and its listeners are told.

use crate::actors::engine::Shared;
use crate::store::{Wake, Wakes};
use crate::telemetry::chain;
use std::sync::Arc;
use std::time::Duration;

/// Between two tries to listen. The database is looked at from time to time meanwhile.
const PAUSE: Duration = Duration::from_secs(1);

/// Goes on until the database is closed.
pub async fn listen(mut wakes: Wakes, shared: Arc<Shared>) {
    loop {
        match wakes.next().await {
            Ok(Wake::Changed(changed)) => changed.into_iter().for_each(|job| shared.tell(job)),
            Ok(Wake::All) => shared.tell_all(),
            Err(error) if error.is_closed() => return,
            Err(error) => {
                tracing::warn!(error = chain(&error), "other nodes are not heard");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        }
        shared.look_for_jobs();
    }
}
