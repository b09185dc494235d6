//! Which recordings wait until they have settled, which are ready, and which have been seen. Reads no clock itself.

use super::scan::{Found, Stamp};
use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Something to be made into a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    File(Found),
    /// A job that an earlier run has begun, by the hash of its recording: the file may be gone by now.
    Begun(String),
}

#[derive(Debug)]
pub struct Queue {
    quiet: Duration,
    waiting: HashMap<PathBuf, Waiting>,
    ready: VecDeque<Item>,
    /// What has been taken up in this version; it is looked at again when it changes.
    seen: HashMap<PathBuf, Stamp>,
    flying: Vec<Item>,
}

#[derive(Debug)]
struct Waiting {
    stamp: Stamp,
    since: Instant,
}

impl Queue {
    pub fn new(quiet: Duration) -> Self {
        let (waiting, seen) = (HashMap::new(), HashMap::new());
        Self { quiet, waiting, ready: VecDeque::new(), seen, flying: Vec::new() }
    }

    pub fn begun(&mut self, sha256: String) {
        self.ready.push_back(Item::Begun(sha256));
    }

    /// Takes note of a file as it is now. One that changes begins to wait anew.
    pub fn see(&mut self, found: Found, now: Instant) {
        let Found { path, stamp } = found;
        if self.seen.get(&path) == Some(&stamp) {
            self.waiting.remove(&path);
            return;
        }
        let waiting = self.waiting.entry(path).or_insert(Waiting { stamp, since: now });
        if waiting.stamp != stamp {
            *waiting = Waiting { stamp, since: now };
        }
    }

    /// Passes over a file until it changes.
    pub fn pass(&mut self, found: Found) {
        self.seen.insert(found.path, found.stamp);
    }

    /// The files that are waited for.
    pub fn waiting(&self) -> Vec<PathBuf> {
        self.waiting.keys().cloned().collect()
    }

    pub fn gone(&mut self, path: &PathBuf) {
        self.waiting.remove(path);
    }

    /// Lets the files go on that have not changed for long enough. An empty one may still be written.
    pub fn settle(&mut self, now: Instant) {
        let quiet = self.quiet;
        let settled = |waiting: &Waiting| now.saturating_duration_since(waiting.since) >= quiet;
        let mut ready: Vec<Found> = self
            .waiting
            .extract_if(|_, waiting| settled(waiting))
            .map(|(path, waiting)| Found { path, stamp: waiting.stamp })
            .collect();
        // Oldest first: the order in which they were spoken.
        ready.sort_by(|a, b| {
            let key = |found: &Found| (found.stamp.modified_s, found.stamp.modified_ns);
            key(a).cmp(&key(b)).then_with(|| a.path.cmp(&b.path))
        });
        for found in ready {
            self.seen.insert(found.path.clone(), found.stamp);
            self.ready.push_back(Item::File(found));
        }
    }

    /// The next one; it is flying until it [`ended`](Self::ended).
    pub fn take(&mut self) -> Option<Item> {
        let item = self.ready.pop_front()?;
        self.flying.push(item.clone());
        Some(item)
    }

    pub fn ended(&mut self, item: &Item) {
        if let Some(at) = self.flying.iter().position(|flying| flying == item) {
            self.flying.swap_remove(at);
        }
    }

    /// The file is not there any more; should it come back, it is new.
    pub fn vanished(&mut self, item: &Item) {
        self.ended(item);
        if let Item::File(found) = item {
            self.seen.remove(&found.path);
        }
    }

    /// Looks at a file again after a while: it has changed under our hands, or its twin is being taken.
    pub fn later(&mut self, item: Item, now: Instant) {
        self.ended(&item);
        match item {
            Item::File(found) => {
                self.seen.remove(&found.path);
                self.see(found, now);
            }
            // Whoever takes the same content by its file ends the job as well.
            Item::Begun(_) => {}
        }
    }

    /// What was flying when its node went away is ready again.
    pub fn take_back(&mut self) {
        for item in self.flying.drain(..).rev() {
            self.ready.push_front(item);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.ready.is_empty() && self.flying.is_empty()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    #![expect(clippy::disallowed_methods, reason = "any moment will do to begin with")]
    use super::*;

    fn found(name: &str, bytes: u64) -> Found {
        let stamp = Stamp { bytes, modified_s: 0, modified_ns: 0 };
        Found { path: name.into(), stamp }
    }

    fn taken(queue: &mut Queue) -> Vec<u64> {
        let mut sizes = Vec::new();
        while let Some(item) = queue.take() {
            if let Item::File(found) = &item {
                sizes.push(found.stamp.bytes);
            }
            queue.ended(&item);
        }
        sizes
    }

    #[test]
    fn a_growing_file_waits_and_a_taken_one_comes_again_only_when_it_changes() {
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        let mut queue = Queue::new(Duration::from_secs(2));
        queue.see(found("a", 1), at(0));
        queue.see(found("a", 2), at(1_500));
        queue.settle(at(2_500));
        assert!(taken(&mut queue).is_empty(), "it has grown");
        queue.see(found("a", 2), at(3_000));
        queue.settle(at(3_499));
        assert!(taken(&mut queue).is_empty());
        queue.settle(at(3_500));
        assert_eq!(taken(&mut queue), [2]);
        queue.see(found("a", 2), at(4_000));
        queue.settle(at(9_000));
        assert!(queue.is_empty(), "it is the same file");
        queue.see(found("a", 3), at(9_000));
        queue.settle(at(11_000));
        assert_eq!(taken(&mut queue), [3]);
        queue.pass(found("b", 1));
        queue.see(found("b", 1), at(12_000));
        assert!(queue.is_empty());
    }

    #[test]
    fn what_was_flying_when_the_node_went_away_flies_again_and_first() {
        let begin = Instant::now();
        let mut queue = Queue::new(Duration::ZERO);
        for (name, bytes) in [("a", 1), ("b", 2), ("c", 3)] {
            queue.see(found(name, bytes), begin);
        }
        queue.settle(begin);
        let first = queue.take().unwrap();
        queue.take_back();
        assert_eq!(queue.take().unwrap(), first);
        queue.later(first, begin);
        queue.settle(begin);
        assert_eq!(taken(&mut queue), [2, 3, 1]);
        assert!(queue.is_empty());
    }
}
