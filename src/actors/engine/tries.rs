//! A transaction that the database asks to have made again, while somebody waits for its answer.

use super::error::EngineError;
use crate::clock;
use crate::store::StoreError;
use crate::telemetry::chain;
use std::time::{Duration, Instant};

const MOST: u32 = 8;
/// Whoever has waited for so long is told to come again.
const PATIENCE: Duration = Duration::from_secs(5);
const FIRST_WAIT: Duration = Duration::from_millis(10);

/// How often one transaction has been tried, and since when.
pub struct Tries {
    begun: Instant,
    failed: u32,
}

impl Tries {
    pub fn new() -> Self {
        Self { begun: clock::tick(), failed: 0 }
    }

    /// Whether to try again after this error. Each wait is longer, and none the same: two that were in each other's way
    /// would meet again.
    pub async fn again(&mut self, error: &StoreError) -> bool {
        let is_over = self.failed == MOST || self.begun.elapsed() > PATIENCE;
        if is_over || !error.asks_again() {
            return false;
        }
        tracing::debug!(error = chain(error), "a transaction is made again");
        self.failed += 1;
        let longest = FIRST_WAIT * (1 << self.failed);
        tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
        true
    }
}

/// Makes a transaction, and makes it again as long as the database asks for it.
pub async fn patiently<T, F>(make: impl Fn() -> F) -> Result<T, EngineError>
where
    F: Future<Output = Result<T, EngineError>>,
{
    let mut tries = Tries::new();
    loop {
        match make().await {
            Err(EngineError::Store { source }) if tries.again(&source).await => {}
            made => return made,
        }
    }
}
