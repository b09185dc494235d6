//! Hears an answer out: collects its pieces within the timeouts, and judges how it ended.

use super::ask::{Answer, Broken, Told};
use super::error::LlmError;
use crate::domain::llm::Usage;
use futures::StreamExt;
use futures::stream::BoxStream;
use std::time::Duration;
use tokio::time::timeout;

/// One thing that an answer's stream says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bit {
    Text(String),
    /// Instead of an answer, the model says why it gives none.
    Refusal(String),
    Usage(Usage),
    Stopped(Stop),
    /// Nothing that matters here, but a sign of life of the model, such as a thought.
    Thought,
}

/// Why the model stopped. Whatever it may be called: what is not known here never fails an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    Said,
    Length,
    Refused(String),
    ContextTooLong,
}

pub type Bits = BoxStream<'static, Result<Bit, LlmError>>;

/// How long, and how much, one answer may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub first_token: Duration,
    pub total: Duration,
    pub max_bytes: usize,
}

#[derive(Default)]
struct Heard {
    text: String,
    refusal: String,
    usage: Option<Usage>,
    stop: Option<Stop>,
}

/// Opens the stream and listens to its end. Usage counts, however it ends.
pub async fn hear_out(
    bounds: Bounds,
    open: impl Future<Output = Result<Bits, LlmError>>,
    told: Told<'_>,
) -> Result<Answer, Broken> {
    let mut heard = Heard::default();
    let whole = timeout(bounds.total, listen(bounds, open, told, &mut heard)).await;
    let ended = whole.unwrap_or(Err(LlmError::Timeout { within: bounds.total }));
    let usage = heard.usage;
    match ended.and_then(|()| heard.judge()) {
        Ok(text) => Ok(Answer { text, usage }),
        Err(error) => Err(Broken { error, usage }),
    }
}

async fn listen(
    bounds: Bounds,
    open: impl Future<Output = Result<Bits, LlmError>>,
    told: Told<'_>,
    heard: &mut Heard,
) -> Result<(), LlmError> {
    let within = bounds.first_token;
    let begin = async {
        let mut bits = open.await?;
        while let Some(bit) = bits.next().await {
            if heard.take(bit?, told) {
                break;
            }
        }
        Ok::<_, LlmError>(bits)
    };
    let begun = timeout(within, begin).await;
    let mut bits = begun.unwrap_or(Err(LlmError::FirstTokenTimeout { within }))?;
    while let Some(bit) = bits.next().await {
        heard.take(bit?, told);
        if heard.text.len() + heard.refusal.len() > bounds.max_bytes {
            return Err(LlmError::Truncated);
        }
    }
    Ok(())
}

impl Heard {
    /// Whether the model has begun to speak with this.
    fn take(&mut self, bit: Bit, told: Told<'_>) -> bool {
        match bit {
            Bit::Text(text) => {
                told(&text);
                self.text.push_str(&text);
                !text.is_empty()
            }
            Bit::Refusal(text) => {
                self.refusal.push_str(&text);
                true
            }
            Bit::Thought => true,
            Bit::Usage(usage) => {
                self.usage = Some(usage);
                false
            }
            Bit::Stopped(stop) => {
                self.stop = Some(stop);
                true
            }
        }
    }

    fn judge(self) -> Result<String, LlmError> {
        // An answer without an end has been cut, however well it reads.
        match self.stop {
            None => return Err(LlmError::Cut),
            Some(Stop::Refused(reason)) => return Err(LlmError::Refused { reason }),
            Some(Stop::Length) => return Err(LlmError::Truncated),
            Some(Stop::ContextTooLong) => return Err(LlmError::ContextTooLong),
            Some(Stop::Said) => {}
        }
        if !self.refusal.is_empty() {
            // What it says of the memo may quote the memo: only that it refused is told.
            return Err(LlmError::Refused { reason: "the model declined".to_owned() });
        }
        if self.text.trim().is_empty() {
            return Err(LlmError::Empty);
        }
        Ok(self.text)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use futures::stream;

    const BOUNDS: Bounds = Bounds {
        first_token: Duration::from_secs(5),
        total: Duration::from_secs(20),
        max_bytes: 8,
    };
    const USAGE: Usage = Usage { input_tokens: 7, output_tokens: 3 };

    async fn heard(bits: Vec<(u64, Result<Bit, LlmError>)>) -> Result<String, String> {
        let bits = stream::iter(bits).then(|(seconds, bit)| async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            bit
        });
        let answer = hear_out(BOUNDS, async { Ok(bits.boxed()) }, &|_| {}).await;
        answer.map(|answer| answer.text).map_err(|broken| broken.error.to_string())
    }

    fn text(said: &str) -> Result<Bit, LlmError> {
        Ok(Bit::Text(said.to_owned()))
    }

    fn stop() -> Result<Bit, LlmError> {
        Ok(Bit::Stopped(Stop::Said))
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_its_pieces_and_needs_an_end() {
        assert_eq!(heard(vec![(1, text("a")), (4, text("b")), (9, stop())]).await, Ok("ab".into()));
        assert_eq!(heard(vec![(1, text("a"))]).await, Err("the answer broke off".into()));
        assert_eq!(heard(vec![(1, stop())]).await, Err("the answer is empty".into()));
        let cut = LlmError::Cut;
        assert_eq!(
            heard(vec![(1, text("a")), (1, Err(cut))]).await,
            Err("the answer broke off".into())
        );
        let refusal = Ok(Bit::Refusal("I cannot".into()));
        assert!(heard(vec![(1, refusal), (1, stop())]).await.unwrap_err().contains("declined"));
    }

    #[tokio::test(start_paused = true)]
    async fn each_timeout_holds_at_its_edge() {
        let first = |seconds| heard(vec![(seconds, text("a")), (1, stop())]);
        assert!(first(4).await.is_ok());
        assert_eq!(first(6).await, Err("no first word within 5s".into()));
        let thought = vec![(4, Ok(Bit::Thought)), (9, text("a")), (1, stop())];
        assert!(heard(thought).await.is_ok(), "a model that thinks is alive");
        let slow = vec![(1, text("a")), (10, text("b")), (10, stop())];
        assert_eq!(heard(slow).await, Err("no whole answer within 20s".into()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_longest_answer_is_heard_and_a_longer_one_is_not() {
        assert!(heard(vec![(0, text("a")), (0, text("1234567")), (0, stop())]).await.is_ok());
        let more = heard(vec![(0, text("a")), (0, text("12345678")), (0, stop())]).await;
        assert_eq!(more, Err("the answer is longer than allowed".into()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_failed_still_says_what_it_used() {
        let bits = stream::iter([Ok(Bit::Usage(USAGE)), text("a"), Err(LlmError::Cut)]).boxed();
        let broken = hear_out(BOUNDS, async { Ok(bits) }, &|_| {}).await.unwrap_err();
        assert_eq!(broken.usage, Some(USAGE));
    }
}
