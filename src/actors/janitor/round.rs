//! One round of the janitor: every sweep there is, and what each has found to do.

use super::recordings;
use crate::actors::engine::Shared;
use std::sync::Arc;

/// What a round has done, a field a sweep.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    pub recordings: recordings::Swept,
}

/// Each sweep takes no input, reports its own trouble, and leaves what failed to the next round.
pub async fn make(shared: &Arc<Shared>) -> Swept {
    Swept { recordings: recordings::sweep(shared).await }
}

impl Swept {
    /// In words for `/v1/admin/actors`; nothing where there was nothing to do.
    pub fn told(&self) -> Option<String> {
        (*self != Self::default()).then(|| format!("{self:?}"))
    }
}
