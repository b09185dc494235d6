//! What a provider grants a minute: requests and tokens, counted over the minute that has just passed.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);

/// Nought is without a limit.
#[derive(Debug)]
pub struct Quota {
    requests: u32,
    tokens: u32,
    spent: VecDeque<(Instant, u64)>,
}

impl Quota {
    pub fn new(requests: u32, tokens: u32) -> Self {
        Self { requests, tokens, spent: VecDeque::new() }
    }

    /// Takes a request out of the minute, or says how long to wait for it.
    ///
    /// A request with more tokens than a whole minute has goes alone: it could never go otherwise.
    pub fn take(&mut self, tokens: u64, now: Instant) -> Result<(), Duration> {
        while self.spent.front().is_some_and(|(at, _)| now.duration_since(*at) >= MINUTE) {
            self.spent.pop_front();
        }
        let used: u64 = self.spent.iter().map(|(_, tokens)| tokens).sum();
        let requests_left = self.requests == 0 || self.spent.len() < self.requests as usize;
        let tokens_left = self.tokens == 0 || used + tokens <= u64::from(self.tokens);
        match self.spent.front() {
            Some((first, _)) if !(requests_left && tokens_left) => {
                Err(MINUTE.saturating_sub(now.duration_since(*first)))
            }
            _ => {
                self.spent.push_back((now, tokens));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn a_minute_holds_so_many_requests_and_tokens_and_then_says_when() {
        let start = clock::tick();
        let at = |seconds| start + Duration::from_secs(seconds);
        let wait = |seconds| Err(Duration::from_secs(seconds));
        let mut quota = Quota::new(2, 0);
        assert_eq!(quota.take(9, at(0)), Ok(()));
        assert_eq!(quota.take(9, at(20)), Ok(()));
        assert_eq!(quota.take(9, at(30)), wait(30));
        assert_eq!(quota.take(9, at(60)), Ok(()));
        let mut quota = Quota::new(0, 100);
        assert_eq!(quota.take(60, at(0)), Ok(()));
        assert_eq!(quota.take(40, at(1)), Ok(()));
        assert_eq!(quota.take(1, at(2)), wait(58));
        assert_eq!(quota.take(500, at(61)), Ok(()), "too large for any minute, it goes alone");
    }
}
