//! Who is next: short memos before long recordings, and now and then a long one all the same.

use crate::domain::dispatch::Lane;
use std::collections::VecDeque;

/// Chunks of short memos that may go before the first one of a long recording.
const SHORT_IN_A_ROW: u32 = 3;

/// What waits for a slot. A long recording asks chunk by chunk, so it gives way at each of its borders.
pub struct Line<T> {
    waiting: VecDeque<(Lane, T)>,
    /// Short ones that went while a long one waited.
    passed: u32,
}

impl<T> Line<T> {
    pub fn new() -> Self {
        Self { waiting: VecDeque::new(), passed: 0 }
    }

    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn push(&mut self, lane: Lane, item: T) {
        self.waiting.push_back((lane, item));
    }

    /// For one that had its turn already.
    pub fn push_front(&mut self, lane: Lane, item: T) {
        self.waiting.push_front((lane, item));
    }

    pub fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.waiting.retain(|(_, item)| keep(item));
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.waiting.iter().map(|(_, item)| item)
    }

    pub fn peek(&self) -> Option<&T> {
        self.waiting.get(self.next()?).map(|(_, item)| item)
    }

    pub fn pop(&mut self) -> Option<T> {
        let (lane, item) = self.waiting.remove(self.next()?)?;
        let passes = lane == Lane::Short && self.first(Lane::Long).is_some();
        self.passed = if passes { self.passed + 1 } else { 0 };
        Some(item)
    }

    fn next(&self) -> Option<usize> {
        let (short, long) = (self.first(Lane::Short), self.first(Lane::Long));
        if self.passed < SHORT_IN_A_ROW { short.or(long) } else { long.or(short) }
    }

    fn first(&self, lane: Lane) -> Option<usize> {
        self.waiting.iter().position(|(of, _)| *of == lane)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_ones_go_first_and_a_long_one_is_never_passed_by_more_than_three() {
        let mut line = Line::new();
        for n in 0..4 {
            line.push(Lane::Long, format!("L{n}"));
        }
        for n in 0..8 {
            line.push(Lane::Short, format!("s{n}"));
        }
        let mut order = Vec::new();
        while let Some(item) = line.peek().cloned() {
            assert_eq!(line.pop(), Some(item.clone()));
            order.push(item);
        }
        assert_eq!(order.join(" "), "s0 s1 s2 L0 s3 s4 s5 L1 s6 s7 L2 L3");
        assert_eq!(line.len(), 0);
    }

    #[test]
    fn what_was_under_way_goes_on_first_in_its_lane_and_what_nobody_wants_is_gone() {
        let mut line = Line::new();
        for item in 1..=3 {
            line.push(Lane::Long, item);
        }
        line.push_front(Lane::Long, 0);
        line.retain(|item| *item != 1);
        assert_eq!(
            [line.pop(), line.pop(), line.pop(), line.pop()],
            [Some(0), Some(2), Some(3), None]
        );
    }
}
