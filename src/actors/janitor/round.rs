//! One round of the janitor: every sweep there is, and what each has found to do.

use super::recordings;
use crate::actors::engine::{Shared, purge_set_aside, purge_trash};
use crate::clock;
use std::sync::Arc;

/// What a round has done, a field a sweep.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    pub recordings: recordings::Swept,
    /// Jobs that lay in the trash for as long as it is kept.
    pub purged: usize,
    /// Recordings without a job that were set aside for as long.
    pub set_aside_purged: usize,
}

/// Each sweep takes no input, reports its own trouble, and leaves what failed to the next round.
pub async fn make(shared: &Arc<Shared>) -> Swept {
    Swept {
        recordings: recordings::sweep(shared).await,
        purged: purge_trash(shared, clock::now()).await,
        set_aside_purged: purge_set_aside(shared, clock::now()),
    }
}

impl Swept {
    /// In words for `/v1/admin/actors`; nothing where there was nothing to do.
    pub fn told(&self) -> Option<String> {
        (*self != Self::default()).then(|| format!("{self:?}"))
    }
}
