//! One hand at a time on each recording: who waits for a turn, and who makes the one before give up.

use crate::domain::ids::RecordingId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedMutexGuard;
use tokio_util::sync::CancellationToken;

/// The turns that are taken or waited for.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<RecordingId, Arc<Gate>>>);

#[derive(Default)]
struct Gate {
    one: Arc<tokio::sync::Mutex<()>>,
    /// Whoever may be hurried: the newest piece.
    piece: Mutex<CancellationToken>,
}

/// A turn; it ends when it is dropped.
pub struct Turn {
    _one: OwnedMutexGuard<()>,
    _gate: Arc<Gate>,
    /// Somebody who waits for this turn has reason to think that it leads nowhere.
    pub hurried: CancellationToken,
}

impl Turns {
    /// Waits for the turn of whoever has it.
    pub async fn wait(&self, id: RecordingId) -> Turn {
        let gate = self.gate(id);
        let one = gate.one.clone().lock_owned().await;
        Turn { _one: one, _gate: gate, hurried: CancellationToken::new() }
    }

    /// Makes a piece under way give up: its sender comes again, so its line is dead.
    pub async fn hurry(&self, id: RecordingId) -> Turn {
        let gate = self.gate(id);
        let hurried = CancellationToken::new();
        let before = {
            let mut piece = gate.piece.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *piece, hurried.clone())
        };
        before.cancel();
        let one = gate.one.clone().lock_owned().await;
        Turn { _one: one, _gate: gate, hurried }
    }

    /// Takes the turn if it is free.
    pub fn try_take(&self, id: RecordingId) -> Option<Turn> {
        let gate = self.gate(id);
        let one = gate.one.clone().try_lock_owned().ok()?;
        Some(Turn { _one: one, _gate: gate, hurried: CancellationToken::new() })
    }

    fn gate(&self, id: RecordingId) -> Arc<Gate> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gates.retain(|_, gate| Arc::strong_count(gate) > 1);
        gates.entry(id).or_default().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_piece_that_comes_again_hurries_the_one_before_and_a_finish_waits() {
        let (turns, id) = (Turns::default(), RecordingId(uuid::Uuid::nil()));
        let first = turns.hurry(id).await;
        assert!(turns.try_take(id).is_none());
        let mut patient = Box::pin(turns.wait(id));
        assert!(futures::poll!(&mut patient).is_pending());
        assert!(!first.hurried.is_cancelled());
        let mut second = Box::pin(turns.hurry(id));
        assert!(futures::poll!(&mut second).is_pending());
        assert!(first.hurried.is_cancelled());
        drop(first);
        drop(patient.await);
        assert!(!second.await.hurried.is_cancelled());
        assert!(turns.try_take(id).is_some());
        drop(turns.gate(RecordingId(uuid::Uuid::max())));
        assert_eq!(turns.0.lock().unwrap_or_else(PoisonError::into_inner).len(), 1);
    }
}
