//! An answer that is owed: given once, or told as lost when its holder is gone.

/// Whoever holds it owes an answer. Dropping it answers `None`, so that nobody waits for a dead actor.
pub struct Reply<T>(Option<Box<dyn FnOnce(Option<T>) + Send>>);

impl<T> Reply<T> {
    pub fn new(deliver: impl FnOnce(Option<T>) + Send + 'static) -> Self {
        Self(Some(Box::new(deliver)))
    }

    pub fn give(mut self, answer: T) {
        if let Some(deliver) = self.0.take() {
            deliver(Some(answer));
        }
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        if let Some(deliver) = self.0.take() {
            deliver(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::sync_channel;

    #[test]
    fn a_dropped_reply_is_told_as_lost_and_a_given_one_only_once() {
        let (tell, told) = sync_channel(2);
        let reply = |tell: std::sync::mpsc::SyncSender<Option<i32>>| {
            Reply::new(move |answer| assert!(tell.send(answer).is_ok()))
        };
        drop(reply(tell.clone()));
        reply(tell).give(7);
        assert_eq!(told.into_iter().collect::<Vec<_>>(), [None, Some(7)]);
    }
}
