//! Words of a chunk under way, beside the journal of its job: told once, without a number, and kept nowhere.

use crate::actors::whisper::Partial;
use crate::domain::ids::JobId;
use crate::domain::job::samples_to_ms;
use axum::response::sse::Event;
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

/// What a listener is told beside the journal.
pub struct Partials {
    job: JobId,
    words: Option<Receiver<Partial>>,
}

impl Partials {
    pub fn of(job: JobId, words: Receiver<Partial>) -> Self {
        Self { job, words: Some(words) }
    }

    pub fn none() -> Self {
        Self { job: JobId(uuid::Uuid::nil()), words: None }
    }

    /// What has come already: it is told before the events that make it void.
    pub fn ready(&mut self) -> Option<Event> {
        let words = self.words.as_mut()?;
        loop {
            match words.try_recv() {
                Ok(partial) if partial.job == self.job => return Some(to_sse(&partial)),
                // Whoever lags has missed what nobody needs any more.
                Ok(_) | Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
            }
        }
    }

    /// Waits for the next; for ever, where there will be none.
    pub async fn next(&mut self) -> Event {
        while let Some(words) = &mut self.words {
            match words.recv().await {
                Ok(partial) if partial.job == self.job => return to_sse(&partial),
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => self.words = None,
            }
        }
        std::future::pending().await
    }
}

/// Without an id: a listener that comes back goes on behind the last event of the journal.
fn to_sse(partial: &Partial) -> Event {
    let data = json!({
        "start_ms": samples_to_ms(partial.range.start_sample),
        "end_ms": samples_to_ms(partial.range.end_sample),
        "text": &*partial.text,
    });
    Event::default().event("partial").data(data.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::job::ChunkRange;
    use tokio::sync::broadcast;

    #[tokio::test]
    async fn a_listener_hears_of_its_own_job_alone_and_never_of_what_it_has_missed() {
        let id = |n| JobId(uuid::Uuid::from_u128(n));
        let partial = |job, text: &str| Partial {
            job: id(job),
            range: ChunkRange { start_sample: 16_000, end_sample: 32_000 },
            text: text.into(),
        };
        let words = broadcast::Sender::new(2);
        let mut partials = Partials::of(id(1), words.subscribe());
        assert!(partials.ready().is_none());
        for (job, text) in [(1, "lost"), (2, "not ours"), (1, "So it")] {
            let _ = words.send(partial(job, text));
        }
        let told = format!("{:?}", partials.ready());
        assert!(told.contains("So it") && told.contains("1000"), "{told}");
        assert!(!told.contains("id:"), "{told}");
        assert!(partials.ready().is_none());
        let _ = words.send(partial(1, "So it was"));
        assert!(format!("{:?}", partials.next().await).contains("So it was"));
        drop(words);
        assert!(partials.ready().is_none());
        assert!(futures::poll!(Box::pin(partials.next())).is_pending());
        assert!(futures::poll!(Box::pin(Partials::none().next())).is_pending());
    }
}
