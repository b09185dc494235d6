//! Who has their turn: a place in line by priority and age, and free places dealt out fairly. Pure decisions.

use super::Timestamp;
use super::ids::TenantId;
use super::options::Priority;
use chrono::TimeDelta;

/// A recording this short is a short memo: it never waits behind long ones for a place or a slot.
pub const SHORT_MS: u64 = 60_000;

/// Short memos have places that long recordings may not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    Short,
    Long,
}

impl Lane {
    pub const ALL: [Self; 2] = [Self::Short, Self::Long];

    /// One whose length nobody knows is taken for long.
    pub fn of(duration_ms: Option<u64>) -> Self {
        if duration_ms.is_some_and(|ms| ms <= SHORT_MS) { Self::Short } else { Self::Long }
    }

    pub fn as_i64(self) -> i64 {
        match self {
            Self::Short => 0,
            Self::Long => 1,
        }
    }

    pub fn parse(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.as_i64() == number)
    }
}

/// The place in line of a job that waits since `since`: whoever has waited `ageing` longer is as urgent as one priority
/// more. So the order never changes while jobs wait, and nobody waits forever.
pub fn place_in_line(since: Timestamp, priority: Priority, ageing: TimeDelta) -> Timestamp {
    let steps = i32::try_from(priority.rank()).unwrap_or(0);
    ageing.checked_mul(steps).and_then(|behind| since.checked_add_signed(behind)).unwrap_or(since)
}

/// The order in which tenants are looked at: whoever came after the one that was served last goes first.
pub fn rotate(mut waiting: Vec<TenantId>, last: Option<&TenantId>) -> Vec<TenantId> {
    if let Some(last) = last {
        let after = waiting.iter().position(|tenant| tenant.as_str() > last.as_str());
        waiting.rotate_left(after.unwrap_or(0));
    }
    waiting
}

/// Deals free places one by one to whoever holds the fewest, the first of them where several do. `held` is what each
/// holds already; the answer is what each is given.
pub fn deal(free: usize, held: &[usize]) -> Vec<usize> {
    let mut given = vec![0; held.len()];
    for _ in 0..free {
        let holds = |n: &usize| held[*n] + given[*n];
        let Some(poorest) = (0..held.len()).min_by_key(holds) else { break };
        given[poorest] += 1;
    }
    given
}

/// Whether somebody who holds `most` places, more than a fair share, has to give one up for somebody who waits with
/// `fewest`.
pub fn must_yield(most: usize, fewest: usize) -> bool {
    most > fewest + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn minutes(minutes: i64) -> TimeDelta {
        TimeDelta::minutes(minutes)
    }

    #[test]
    fn who_has_waited_long_enough_goes_before_a_new_one_of_a_higher_priority() {
        let at = |waited: i64, priority| {
            place_in_line(Timestamp::UNIX_EPOCH - minutes(waited), priority, minutes(10))
        };
        assert!(at(0, Priority::High) < at(0, Priority::Normal));
        assert!(at(0, Priority::Normal) < at(0, Priority::Low));
        assert!(at(19, Priority::Low) > at(0, Priority::High));
        assert!(at(21, Priority::Low) < at(0, Priority::High));
        assert!(at(11, Priority::Normal) < at(0, Priority::High));
        assert!(at(1, Priority::High) < at(0, Priority::High));
    }

    #[test]
    fn a_minute_is_short_and_what_nobody_knows_is_long() {
        assert_eq!(Lane::of(Some(20_000)), Lane::Short);
        assert_eq!(Lane::of(Some(SHORT_MS)), Lane::Short);
        assert_eq!(Lane::of(Some(SHORT_MS + 1)), Lane::Long);
        assert_eq!(Lane::of(None), Lane::Long);
    }

    #[test]
    fn everybody_is_first_in_turn() {
        let tenant = |name: &str| TenantId::from(name.to_owned());
        let all = || vec![tenant("a"), tenant("b"), tenant("c")];
        let first = |last: Option<&str>| rotate(all(), last.map(tenant).as_ref()).remove(0);
        assert_eq!(first(None), tenant("a"));
        assert_eq!(first(Some("a")), tenant("b"));
        assert_eq!(first(Some("bb")), tenant("c"));
        assert_eq!(first(Some("c")), tenant("a"));
    }

    proptest! {
        #[test]
        fn dealing_gives_all_and_nobody_more_than_one_above_whoever_waits(
            free in 0usize..40,
            held in prop::collection::vec(0usize..20, 1..9)
        ) {
            let given = deal(free, &held);
            prop_assert_eq!(given.iter().sum::<usize>(), free);
            for (n, &mine) in given.iter().enumerate().filter(|(_, given)| **given > 0) {
                for (other, &theirs) in given.iter().enumerate() {
                    prop_assert!(held[n] + mine <= held[other] + theirs + 1);
                }
            }
        }
    }
}
