//! Counts the restarts of one child in a moving window, and says when to give up.

use super::spec::Restart;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

#[derive(Debug)]
pub struct Budget {
    policy: Restart,
    failures: VecDeque<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    RestartAfter(Duration),
    /// Too many failures in the window: the supervisor itself has to fail.
    Spent,
}

impl Budget {
    pub fn new(policy: Restart) -> Self {
        Self { policy, failures: VecDeque::new() }
    }

    pub fn failed(&mut self, now: Instant) -> Decision {
        let within = self.policy.within;
        self.failures.retain(|at| now.duration_since(*at) < within);
        if self.failures.len() >= self.policy.at_most as usize {
            return Decision::Spent;
        }
        let doublings = u32::try_from(self.failures.len()).unwrap_or(u32::MAX).min(10);
        self.failures.push_back(now);
        Decision::RestartAfter(self.policy.backoff * (1 << doublings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::supervise::RestartKind;
    use crate::clock;

    #[test]
    fn the_backoff_doubles_and_the_budget_refills_with_time() {
        let (within, backoff) = (Duration::from_secs(60), Duration::from_millis(50));
        let kind = RestartKind::Permanent;
        let mut budget = Budget::new(Restart { kind, at_most: 3, within, backoff });
        let start = clock::tick();
        let decisions: Vec<_> = (0..4).map(|n| budget.failed(start + backoff * n)).collect();
        let after = |ms| Decision::RestartAfter(Duration::from_millis(ms));
        assert_eq!(decisions, [after(50), after(100), after(200), Decision::Spent]);
        assert_eq!(budget.failed(start + within + backoff * 3), after(50));
    }
}
