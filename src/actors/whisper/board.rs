//! What the pool is doing, for whoever looks: slots in use, and the process that has a model loaded.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Clones are the same board.
#[derive(Debug, Clone, Default)]
pub struct PoolBoard(Arc<Figures>);

#[derive(Debug, Default)]
struct Figures {
    running: AtomicUsize,
    waiting: AtomicUsize,
    loaded: Mutex<Option<Loaded>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    pub model: PathBuf,
    pub process: Option<u32>,
    /// Chunks that the process hears at once.
    pub slots: usize,
}

impl PoolBoard {
    /// Chunks that are being transcribed now.
    pub fn running(&self) -> usize {
        self.0.running.load(Ordering::Relaxed)
    }

    /// Chunks that wait for a slot.
    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::Relaxed)
    }

    pub fn loaded(&self) -> Option<Loaded> {
        self.0.loaded.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn count(&self, running: usize, waiting: usize) {
        self.0.running.store(running, Ordering::Relaxed);
        self.0.waiting.store(waiting, Ordering::Relaxed);
    }

    pub(super) fn load(&self, loaded: Option<Loaded>) {
        *self.0.loaded.lock().unwrap_or_else(PoisonError::into_inner) = loaded;
    }
}
