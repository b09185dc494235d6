//! How many at once the pools let work, as a number that can be changed while they do.

use super::error::EngineError;
use super::shared::Shared;
use crate::actors::ingest::IngestMsg;
use crate::actors::whisper::PoolMsg;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// More than any machine has processors is a slip of the pen.
pub const SIZE_MAX: usize = 256;

/// How many at once. Clones are the same number, which outlives the actors that go by it.
#[derive(Debug, Clone)]
pub struct PoolSize(Arc<AtomicUsize>);

impl PoolSize {
    pub fn new(size: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(size)))
    }

    pub fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, size: usize) {
        self.0.store(size, Ordering::Relaxed);
    }
}

/// What can be made larger and smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolName {
    /// Files that are decoded at once.
    Ingest,
    /// Chunks that are transcribed at once.
    Whisper,
}

impl PoolName {
    pub const ALL: [Self; 2] = [Self::Ingest, Self::Whisper];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Whisper => "whisper",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }
}

pub fn size(shared: &Shared, pool: PoolName) -> usize {
    of(shared, pool).get()
}

/// Changes the size until the node ends. What runs beyond it runs to its end.
pub fn resize(shared: &Shared, pool: PoolName, size: usize) -> Result<(), EngineError> {
    if !(1..=SIZE_MAX).contains(&size) {
        return Err(EngineError::PoolSize { most: SIZE_MAX });
    }
    of(shared, pool).set(size);
    // A room that is just being started again goes by the new size anyway.
    match pool {
        PoolName::Ingest => drop(shared.ingest.report(IngestMsg::Resized)),
        PoolName::Whisper => drop(shared.whisper.report(PoolMsg::Resized)),
    }
    Ok(())
}

fn of(shared: &Shared, pool: PoolName) -> &PoolSize {
    match pool {
        PoolName::Ingest => &shared.workers,
        PoolName::Whisper => &shared.slots,
    }
}
