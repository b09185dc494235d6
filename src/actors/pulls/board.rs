//! Which models are wanted, and how far each has come. It outlives the actor that gets them.

use crate::providers::models::PullEvent;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Numbers the pulls in the order of asking: the same model asked for again is another pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// Clones are the same board.
#[derive(Clone, Default)]
pub struct Board(Arc<Mutex<Sheet>>);

#[derive(Default)]
struct Sheet {
    next: u64,
    /// By name, so the catalogue bounds it.
    pulls: BTreeMap<String, (Ticket, Pull)>,
}

/// One pull as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pull {
    pub phase: Phase,
    pub received_bytes: u64,
    /// Unknown until a source has said it.
    pub total_bytes: Option<u64>,
    pub error: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Another pull comes first.
    Waiting,
    Downloading,
    /// The bytes are here and are what they should be; they are made ready.
    Converting,
    Done,
    Failed,
}

impl Phase {
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed)
    }
}

impl Pull {
    fn waiting() -> Self {
        Self { phase: Phase::Waiting, received_bytes: 0, total_bytes: None, error: None }
    }
}

impl Board {
    /// How the pull of a model stands, where one was asked for since this node was started.
    pub fn of(&self, name: &str) -> Option<Pull> {
        self.sheet().pulls.get(name).map(|(_, pull)| pull.clone())
    }

    /// Asks for a model. One that is under way already goes on as it is.
    pub fn want(&self, name: &str) {
        let mut sheet = self.sheet();
        let under_way = |(_, pull): &(Ticket, Pull)| !pull.phase.is_over();
        if !sheet.pulls.get(name).is_some_and(under_way) {
            sheet.next += 1;
            let ticket = Ticket(sheet.next);
            sheet.pulls.insert(name.to_owned(), (ticket, Pull::waiting()));
        }
    }

    /// Nobody wants it any more; nothing is said of it from here on.
    pub fn forget(&self, name: &str) {
        self.sheet().pulls.remove(name);
    }

    /// Whatever was under way waits again: whoever was at it is gone.
    pub(super) fn put_back(&self) {
        for (_, pull) in self.sheet().pulls.values_mut() {
            if !pull.phase.is_over() {
                *pull = Pull::waiting();
            }
        }
    }

    /// Takes the pull that has waited longest in hand.
    pub(super) fn take(&self) -> Option<(Ticket, String)> {
        let mut sheet = self.sheet();
        let waiting = sheet.pulls.iter_mut().filter(|(_, (_, pull))| pull.phase == Phase::Waiting);
        let (name, (ticket, pull)) = waiting.min_by_key(|(_, (ticket, _))| *ticket)?;
        pull.phase = Phase::Downloading;
        Some((*ticket, name.clone()))
    }

    pub(super) fn wants(&self, ticket: Ticket) -> bool {
        self.sheet().pulls.values().any(|(it, pull)| *it == ticket && !pull.phase.is_over())
    }

    pub(super) fn told(&self, ticket: Ticket, event: &PullEvent) {
        self.with(ticket, |pull| match event {
            PullEvent::Waiting | PullEvent::PassedOver { .. } => {}
            PullEvent::Trying { .. } => {
                (pull.phase, pull.received_bytes, pull.total_bytes) = (Phase::Downloading, 0, None);
            }
            PullEvent::Progress { done_bytes, total_bytes } => {
                (pull.received_bytes, pull.total_bytes) = (*done_bytes, Some(*total_bytes));
            }
            PullEvent::Verified | PullEvent::Converting | PullEvent::Done(_) => {
                pull.phase = Phase::Converting;
            }
        });
    }

    pub(super) fn end(&self, ticket: Ticket, outcome: Result<(), String>) {
        self.with(ticket, |pull| match outcome {
            Ok(()) => pull.phase = Phase::Done,
            Err(error) => (pull.phase, pull.error) = (Phase::Failed, Some(error)),
        });
    }

    /// A pull that was forgotten meanwhile is told nothing.
    fn with(&self, ticket: Ticket, change: impl FnOnce(&mut Pull)) {
        let mut sheet = self.sheet();
        if let Some((_, pull)) = sheet.pulls.values_mut().find(|(it, _)| *it == ticket) {
            change(pull);
        }
    }

    fn sheet(&self) -> MutexGuard<'_, Sheet> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn the_first_asked_comes_first_and_asking_again_changes_nothing() {
        let board = Board::default();
        board.want("small");
        board.want("base");
        board.want("small");
        let (small, name) = board.take().unwrap();
        assert_eq!(name, "small");
        board.want("small");
        assert!(board.wants(small));
        assert_eq!(board.take().unwrap().1, "base");
        assert!(board.take().is_none());
    }

    #[test]
    fn progress_is_kept_a_restart_begins_anew_and_a_forgotten_pull_is_told_nothing() {
        let board = Board::default();
        board.want("small");
        let (ticket, _) = board.take().unwrap();
        board.told(ticket, &PullEvent::Progress { done_bytes: 3, total_bytes: 9 });
        let pull = board.of("small").unwrap();
        assert_eq!((pull.received_bytes, pull.total_bytes), (3, Some(9)));
        board.put_back();
        assert_eq!(board.of("small"), Some(Pull::waiting()));
        let (again, _) = board.take().unwrap();
        board.end(again, Err("no source".to_owned()));
        assert_eq!(board.of("small").unwrap().error.as_deref(), Some("no source"));
        board.want("small");
        assert!(!board.wants(Ticket(7)) && board.of("small") == Some(Pull::waiting()));
        let (last, _) = board.take().unwrap();
        board.forget("small");
        board.end(last, Ok(()));
        assert!(board.of("small").is_none() && !board.wants(last));
    }
}
