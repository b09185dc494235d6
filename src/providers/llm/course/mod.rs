//! Decides whom to ask next for a note, from what stands in the books alone: no call is made here, and none is made twice.

use crate::domain::Timestamp;
use crate::domain::failure::{Failure, Verdict};
use crate::domain::llm::{Call, CallState, ProviderId};
use crate::domain::note::{Note, Tried, TriedOutcome};
use crate::domain::retry::RetryPolicy;
use crate::domain::transcript::Transcript;
use crate::providers::llm::ask::{Ask, Turn};
use crate::providers::llm::draft::{Draft, Unfit};
use crate::providers::llm::staff::Staff;
use crate::providers::llm::weave::{By, weave};
use crate::providers::llm::{LlmError, prompt};
use chrono::{DateTime, FixedOffset, TimeDelta};

/// What a note is to be made of.
#[derive(Clone, Copy)]
pub struct Memo<'a> {
    pub transcript: &'a Transcript,
    pub recorded_at: DateTime<FixedOffset>,
}

/// What to do now. The same books give the same step, after a restart as well.
#[derive(Debug)]
pub enum Next {
    Ask(Box<Ask>),
    /// Nobody else is asked before this moment.
    Wait {
        until: Timestamp,
        why: Failure,
    },
    Done(Box<Note>),
    /// Nobody has answered; the speaker's own sentences have to do.
    Extract(Vec<Tried>),
}

/// How matters stand with one call.
enum Standing<'a> {
    Answered(&'a str),
    Open,
    Waiting { until: Timestamp, why: Failure },
    Over(Tried),
}

/// One who was asked and will not be asked again, or one who gave a note.
enum Turnout {
    Next(Next),
    Passed(Tried),
}

pub fn next(
    staff: &Staff,
    memo: Memo<'_>,
    books: &[Call],
    retry: RetryPolicy,
    now: Timestamp,
) -> Next {
    let mut tried = Vec::new();
    if memo.transcript.text.trim().is_empty() {
        return Next::Extract(tried);
    }
    for id in &staff.chain {
        let course = Course { staff, memo, books, retry, now };
        match course.turn_of(*id) {
            Turnout::Passed(why) => tried.push(why),
            Turnout::Next(Next::Done(mut note)) => {
                note.composer.tried = tried;
                return Next::Done(note);
            }
            Turnout::Next(next) => return next,
        }
    }
    Next::Extract(tried)
}

#[derive(Clone, Copy)]
struct Course<'a> {
    staff: &'a Staff,
    memo: Memo<'a>,
    books: &'a [Call],
    retry: RetryPolicy,
    now: Timestamp,
}

impl<'a> Course<'a> {
    fn turn_of(self, id: ProviderId) -> Turnout {
        if self.staff.provider(id).is_none() {
            let missing = if id == ProviderId::Local { "no base_url" } else { "no key" };
            let reason = format!("{missing} is configured");
            return Turnout::Passed(passed(id, TriedOutcome::NotAsked, &reason));
        }
        let Memo { transcript, recorded_at } = self.memo;
        let ask = self.staff.ask(id, transcript, recorded_at);
        if ask.tokens() > self.staff.config.provider(id).max_input_tokens {
            let reason = LlmError::ContextTooLong.to_string();
            return Turnout::Passed(passed(id, TriedOutcome::NotAsked, &reason));
        }
        let (answer, unfit) = match self.standing(&ask) {
            Standing::Answered(answer) => match self.note(id, &ask, answer) {
                Ok(note) => return Turnout::Next(Next::Done(Box::new(note))),
                Err(unfit) => (answer, unfit),
            },
            standing => return self.go_on(ask, standing),
        };
        let repair = repair(ask, answer, &unfit);
        match self.standing(&repair) {
            Standing::Answered(answer) => match self.note(id, &repair, answer) {
                Ok(note) => Turnout::Next(Next::Done(Box::new(note))),
                Err(_) => Turnout::Passed(passed(
                    id,
                    TriedOutcome::Unusable,
                    "it is not in the form of a note",
                )),
            },
            standing => self.go_on(repair, standing),
        }
    }

    fn go_on(self, ask: Ask, standing: Standing<'_>) -> Turnout {
        match standing {
            Standing::Open | Standing::Answered(_) => Turnout::Next(Next::Ask(Box::new(ask))),
            Standing::Waiting { until, why } => Turnout::Next(Next::Wait { until, why }),
            Standing::Over(why) => Turnout::Passed(why),
        }
    }

    fn note(self, id: ProviderId, ask: &Ask, answer: &str) -> Result<Note, Unfit> {
        let Memo { transcript, recorded_at } = self.memo;
        let by = By { provider: id.as_str(), model: &ask.model };
        Draft::parse(answer).and_then(|draft| weave(draft, transcript, recorded_at, &by))
    }

    fn standing(self, ask: &Ask) -> Standing<'a> {
        let hash = ask.key().hash;
        let calls: Vec<&Call> = self.books.iter().filter(|call| call.key.hash == hash).collect();
        if let Some(answer) = calls.iter().find_map(|call| call.answer.as_deref()) {
            return Standing::Answered(answer);
        }
        let Some(last) = calls.last() else { return Standing::Open };
        let tries = u32::try_from(calls.len()).unwrap_or(u32::MAX);
        let lost = Failure::retry("llm_uncertain", "interrupted before the answer", "");
        let why = match last.state {
            CallState::Failed => last.failure.clone().unwrap_or(lost),
            CallState::Uncertain | CallState::Sent | CallState::Planned | CallState::Settled => {
                lost
            }
        };
        let over = || Standing::Over(passed(ask.provider, outcome(&why), &why.message));
        if tries >= self.staff.config.tries_max {
            return over();
        }
        let ended = last.ended_at.unwrap_or(self.now);
        let until = match why.verdict {
            Verdict::GiveUp => return over(),
            Verdict::Park { until } => until,
            Verdict::Retry if last.state != CallState::Failed => self.now,
            Verdict::Retry => self.retry.retry_at(tries, 1.0, ended).unwrap_or(self.now),
        };
        let most = i64::try_from(self.staff.config.park_max_ms).unwrap_or(i64::MAX);
        if until - ended > TimeDelta::try_milliseconds(most).unwrap_or(TimeDelta::MAX) {
            return over();
        }
        match until > self.now {
            true => Standing::Waiting { until, why },
            false => Standing::Open,
        }
    }
}

/// The model is shown its own answer and what is wrong with it.
fn repair(ask: Ask, answer: &str, unfit: &Unfit) -> Ask {
    let mut turns = ask.turns;
    turns.push(Turn::Assistant(answer.to_owned()));
    turns.push(Turn::User(prompt::repair(&unfit.to_string())));
    Ask { turns, ..ask }
}

fn passed(id: ProviderId, outcome: TriedOutcome, reason: &str) -> Tried {
    Tried { provider: id.as_str().to_owned(), outcome, reason: reason.to_owned() }
}

fn outcome(why: &Failure) -> TriedOutcome {
    match why.code.as_str() {
        "llm_refused" | "llm_malformed" | "llm_empty" | "llm_truncated" => TriedOutcome::Unusable,
        _ => TriedOutcome::NoAnswer,
    }
}

#[cfg(test)]
mod tests;
