//! The counters of one actor: cheap enough to be kept with every message, and read by anyone at any time.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Waiting messages of which the time is known each. Of a longer queue the age shown is that of a younger one.
const STAMPS_MAX: i64 = 1_024;

/// What waits for one incarnation of an actor. A late timer counts for the one that it was meant for.
#[derive(Debug)]
pub struct Mailbox {
    sent: AtomicU64,
    taken: AtomicU64,
    /// When each was sent, in a ring: the oldest that waits is the next that is taken.
    stamps: Box<[AtomicU64]>,
}

impl Mailbox {
    pub fn new(intake: i64) -> Self {
        let size = intake.clamp(1, STAMPS_MAX).cast_unsigned().next_power_of_two();
        let stamps = (0..size).map(|_| AtomicU64::new(0)).collect();
        Self { sent: AtomicU64::new(0), taken: AtomicU64::new(0), stamps }
    }

    pub fn put(&self, now_us: u64) {
        let number = self.sent.fetch_add(1, Relaxed);
        self.stamp(number).store(now_us, Relaxed);
    }

    /// It could not be sent after all.
    pub fn put_back(&self) {
        self.sent.fetch_sub(1, Relaxed);
    }

    pub fn take(&self) {
        self.taken.fetch_add(1, Relaxed);
    }

    pub fn depth(&self) -> u64 {
        let taken = self.taken.load(Relaxed);
        self.sent.load(Relaxed).saturating_sub(taken)
    }

    /// When the message was sent that has waited longest.
    pub fn oldest_us(&self) -> Option<u64> {
        (self.depth() > 0).then(|| self.stamp(self.taken.load(Relaxed)).load(Relaxed))
    }

    fn stamp(&self, number: u64) -> &AtomicU64 {
        let size = self.stamps.len() as u64;
        // The remainder is below the length, which is at least 1.
        &self.stamps[(number % size) as usize]
    }
}

/// How long a message counts towards the rate: after this it weighs a third.
const MEMORY_US: f64 = 10e6;

/// Messages per second of the last few seconds. Written by its actor alone.
#[derive(Debug, Default)]
pub struct Rate {
    per_s: AtomicU64,
    at_us: AtomicU64,
}

impl Rate {
    pub fn count(&self, now_us: u64) {
        let per_s = self.at(now_us) + 1e6 / MEMORY_US;
        self.per_s.store(per_s.to_bits(), Relaxed);
        self.at_us.store(now_us, Relaxed);
    }

    pub fn at(&self, now_us: u64) -> f64 {
        let age_us = now_us.saturating_sub(self.at_us.load(Relaxed)) as f64;
        f64::from_bits(self.per_s.load(Relaxed)) * (-age_us / MEMORY_US).exp()
    }
}

/// Each doubling of the time is divided into so many buckets.
const PARTS: u64 = 8;
const BUCKETS: usize = 40 * PARTS as usize;

/// How long the handlers of all actors of one kind take, in microseconds, to within an eighth.
#[derive(Debug)]
pub struct Histogram([AtomicU64; BUCKETS]);

impl Default for Histogram {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Histogram {
    pub fn count(&self, us: u64) {
        self.0[bucket(us)].fetch_add(1, Relaxed);
    }

    /// The time within which these parts of a thousand were done; 0 where nothing was.
    pub fn quantile_us(&self, per_mille: u64) -> u64 {
        let counts: Vec<u64> = self.0.iter().map(|count| count.load(Relaxed)).collect();
        let wanted = (counts.iter().sum::<u64>() * per_mille).div_ceil(1_000);
        let mut seen = 0;
        for (index, count) in counts.iter().enumerate() {
            seen += count;
            if seen >= wanted && *count > 0 {
                return upper_us(index as u64);
            }
        }
        0
    }
}

fn bucket(us: u64) -> usize {
    let index = match us {
        0..PARTS => us,
        _ => {
            let doublings = u64::from((us / PARTS).ilog2());
            doublings * PARTS + (us >> doublings)
        }
    };
    usize::try_from(index).unwrap_or(BUCKETS).min(BUCKETS - 1)
}

/// The longest time that the bucket takes.
fn upper_us(index: u64) -> u64 {
    match index {
        0..PARTS => index,
        _ => {
            let doublings = index / PARTS - 1;
            ((index % PARTS + PARTS + 1) << doublings) - 1
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_message_is_the_one_sent_first_and_a_longer_queue_is_never_shown_older_than_it_is()
    {
        let mailbox = Mailbox::new(4);
        assert_eq!((mailbox.depth(), mailbox.oldest_us()), (0, None));
        (10..14).for_each(|at| mailbox.put(at));
        mailbox.take();
        assert_eq!((mailbox.depth(), mailbox.oldest_us()), (3, Some(11)));
        (14..18).for_each(|at| mailbox.put(at));
        assert_eq!(mailbox.depth(), 7);
        assert!(mailbox.oldest_us().is_some_and(|at| (11..=17).contains(&at)));
    }

    #[test]
    fn a_rate_is_of_the_last_seconds_and_forgets_what_was_before() {
        let rate = Rate::default();
        (1..=30_000).for_each(|n| rate.count(n * 1_000));
        let at_the_end = 30_000_000;
        assert!((900.0..1_050.0).contains(&rate.at(at_the_end)), "{}", rate.at(at_the_end));
        assert!(rate.at(at_the_end + 60_000_000) < 5.0);
    }

    #[test]
    fn a_quantile_is_right_to_within_an_eighth_at_any_size() {
        for size in [1, 7, 8, 9, 100, 12_345, 1_000_000, 3_600_000_000] {
            let histogram = Histogram::default();
            histogram.count(size);
            let told = histogram.quantile_us(500);
            assert!(told >= size && told <= size + size / 8, "{size} is told as {told}");
        }
        let histogram = Histogram::default();
        (1..=1_000).for_each(|us| histogram.count(us));
        assert!((500..=563).contains(&histogram.quantile_us(500)));
        assert!((990..=1_120).contains(&histogram.quantile_us(990)));
        assert_eq!(Histogram::default().quantile_us(990), 0);
    }
}
