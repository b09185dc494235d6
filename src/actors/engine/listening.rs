//! What goes on in the engine as it goes on, for whoever wants to be told: bounded, and lost to whoever does not keep up.

use super::Engine;
use crate::actors::whisper::Partial;
use crate::domain::ids::JobId;
use tokio::sync::broadcast::Receiver;

impl Engine {
    /// Tells which job has changed; what has changed stands in the store. After a lag, look at everything.
    pub fn changes(&self) -> Receiver<JobId> {
        self.shared.changes.subscribe()
    }

    /// Tells what chunks under way say so far; whoever lags misses some.
    pub fn partials(&self) -> Receiver<Partial> {
        self.shared.partials.subscribe()
    }
}
