//! What of a recording could not be heard: a short list of stretches in its own time.
use crate::domain::transcript::Gap;

/// The bytes of this stretch are broken.
pub const DAMAGED: &str = "damaged";
/// The file ends here, and says that it should go on.
pub const CUT_OFF: &str = "cut_off";

/// Holes so close together are one.
const APART_MS: u64 = 200;
/// A shorter hole costs no word.
const SHORTEST_MS: u64 = 100;
/// However a file is broken, a transcript has no more gaps than this.
const AT_MOST: usize = 64;

/// Gathers holes in the order of time.
#[derive(Debug, Default)]
pub struct Gaps(Vec<Gap>);

impl Gaps {
    pub fn note(&mut self, start_ms: u64, end_ms: u64, reason: &str) {
        match self.0.last_mut() {
            Some(last) if last.reason == reason && start_ms <= last.end_ms + APART_MS => {
                last.end_ms = last.end_ms.max(end_ms);
            }
            _ => self.0.push(Gap { start_ms, end_ms, reason: reason.to_owned() }),
        }
        if self.0.len() > AT_MOST * 2 {
            self.thin_out();
        }
    }

    /// The gaps worth telling.
    pub fn finish(mut self) -> Vec<Gap> {
        self.thin_out();
        self.0
    }

    /// The shortest are forgotten; what is left and still too much is joined.
    fn thin_out(&mut self) {
        self.0.retain(|gap| gap.end_ms.saturating_sub(gap.start_ms) >= SHORTEST_MS);
        while self.0.len() > AT_MOST {
            self.join_closest();
        }
    }

    fn join_closest(&mut self) {
        let apart = |pair: &[Gap]| match pair {
            [left, right] => right.start_ms.saturating_sub(left.end_ms),
            _ => u64::MAX,
        };
        let closest = self.0.windows(2).enumerate().min_by_key(|(_, pair)| apart(pair));
        let Some(at) = closest.map(|(at, _)| at) else { return };
        let right = self.0.remove(at + 1);
        if let Some(left) = self.0.get_mut(at) {
            left.end_ms = left.end_ms.max(right.end_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(holes: &[(u64, u64)]) -> Vec<(u64, u64)> {
        let mut gaps = Gaps::default();
        for (start_ms, end_ms) in holes {
            gaps.note(*start_ms, *end_ms, DAMAGED);
        }
        gaps.finish().iter().map(|gap| (gap.start_ms, gap.end_ms)).collect()
    }

    #[test]
    fn close_holes_are_one_gap_and_tiny_ones_none() {
        assert_eq!(told(&[(0, 26)]), []);
        assert_eq!(told(&[(1_000, 1_040), (1_060, 1_100), (1_300, 1_310)]), [(1_000, 1_310)]);
        assert_eq!(told(&[(0, 500), (701, 900)]), [(0, 500), (701, 900)]);
    }

    #[test]
    fn there_are_never_many_and_none_is_left_out() {
        let holes: Vec<_> = (0..100_000).map(|n| (n * 1_000, n * 1_000 + 300)).collect();
        let gaps = told(&holes);
        assert_eq!(gaps.len(), AT_MOST);
        for (start, end) in holes.iter().step_by(997) {
            assert!(gaps.iter().any(|(from, to)| from <= start && end <= to), "{start}");
        }
    }
}
