//! When to try again: exponential backoff with full jitter, after the formula of the AWS Architecture Blog.

use super::Timestamp;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// How often, and how patiently, a stage is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPolicy {
    pub max_attempts: u32,
    pub base_ms: i64,
    pub cap_ms: i64,
}

impl RetryPolicy {
    /// The moment of the next attempt, or `None` when `attempt` was the last one.
    ///
    /// The wait is `jitter · min(cap, base · 2^(attempt−1))` with `jitter` drawn from 0 to 1 by the caller.
    pub fn retry_at(self, attempt: u32, jitter: f64, now: Timestamp) -> Option<Timestamp> {
        if attempt >= self.max_attempts {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(32);
        let ceiling_ms = self.base_ms.saturating_mul(1 << doublings).min(self.cap_ms);
        let wait_ms = (jitter.clamp(0.0, 1.0) * ceiling_ms as f64).round() as i64;
        now.checked_add_signed(TimeDelta::milliseconds(wait_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy { max_attempts: 4, base_ms: 1_000, cap_ms: 3_000 };

    #[test]
    fn the_wait_doubles_up_to_its_cap_and_ends_with_the_attempts() {
        let now = Timestamp::UNIX_EPOCH;
        let wait =
            |attempt| POLICY.retry_at(attempt, 1.0, now).map(|at| (at - now).num_milliseconds());
        assert_eq!(
            [wait(1), wait(2), wait(3), wait(4)],
            [Some(1_000), Some(2_000), Some(3_000), None]
        );
    }
}
