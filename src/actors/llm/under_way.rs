//! The calls that this process has under way: one of these that looks lost in the books is not.

use crate::domain::llm::CallId;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Default)]
pub struct UnderWay(Mutex<BTreeSet<CallId>>);

/// A call is under way until this is dropped.
pub struct Held<'a> {
    calls: &'a UnderWay,
    call: CallId,
}

impl UnderWay {
    pub fn hold(&self, call: CallId) -> Held<'_> {
        self.lock().insert(call);
        Held { calls: self, call }
    }

    pub fn has(&self, call: CallId) -> bool {
        self.lock().contains(&call)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<CallId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.calls.lock().remove(&self.call);
    }
}
