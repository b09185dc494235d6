//! The whole way from the first provider to the floor, by the books alone.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use super::*;
use crate::config::{Overrides, load};
use crate::domain::ids::Epoch;
use crate::domain::llm::CallId;
use crate::providers::llm::{PriceList, samples};
use std::time::Duration;

const RETRY: RetryPolicy = RetryPolicy { max_attempts: 5, base_ms: 1_000, cap_ms: 9_000 };

/// Two providers with keys, and one in between that the policy does not know of.
fn staff(settings: &[(&'static str, &str)]) -> Staff {
    let keys = [("llm.openai.api_key", "k1"), ("llm.anthropic.api_key", "k2")];
    let values = keys.iter().chain(settings).map(|(k, v)| (*k, (*v).into())).collect();
    let loaded = load(&Overrides { file: None, values }).unwrap();
    Staff::new(loaded.config.llm, PriceList::default()).unwrap()
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_timestamp_millis(1_700_000_000_000 + ms).unwrap()
}

fn step(staff: &Staff, books: &[Call], now: Timestamp) -> Next {
    let transcript = samples::transcript(&["Hello there."]);
    let memo = Memo { transcript: &transcript, recorded_at: samples::recorded_at() };
    next(staff, memo, books, RETRY, now)
}

fn asked(next: Next) -> Ask {
    match next {
        Next::Ask(ask) => *ask,
        other => panic_with(&other),
    }
}

#[track_caller]
fn panic_with(next: &Next) -> ! {
    panic!("not the step that was expected: {next:?}")
}

fn call(ask: &Ask, state: CallState) -> Call {
    Call {
        id: CallId(uuid::Uuid::now_v7()),
        key: ask.key(),
        epoch: Epoch(1),
        state,
        answer: None,
        failure: None,
        ended_at: Some(at(0)),
    }
}

fn settled(ask: &Ask, answer: &str) -> Call {
    Call { answer: Some(answer.to_owned()), ..call(ask, CallState::Settled) }
}

fn failed(ask: &Ask, error: &LlmError) -> Call {
    Call { failure: Some(error.to_failure(at(0))), ..call(ask, CallState::Failed) }
}

#[test]
fn an_answer_in_the_books_is_the_note_and_nobody_is_asked_again() {
    let staff = staff(&[]);
    let ask = asked(step(&staff, &[], at(0)));
    assert_eq!(ask.provider, ProviderId::Openai);
    let books = [settled(&ask, &samples::draft().to_string())];
    let Next::Done(note) = step(&staff, &books, at(5)) else {
        panic_with(&step(&staff, &books, at(5)))
    };
    assert_eq!(note.composer.provider, "openai");
    assert!(note.composer.tried.is_empty());
}

#[test]
fn one_repair_round_then_the_next_provider_and_the_note_says_so() {
    let staff = staff(&[]);
    let first = asked(step(&staff, &[], at(0)));
    let mut books = vec![settled(&first, "{\"title\": \"half")];
    let repair = asked(step(&staff, &books, at(0)));
    assert_eq!((repair.provider, repair.turns.len()), (ProviderId::Openai, 3));
    assert_eq!(repair.turns[1], Turn::Assistant("{\"title\": \"half".into()));
    assert!(matches!(&repair.turns[2], Turn::User(text) if text.contains("EOF")), "{repair:?}");
    books.push(settled(&repair, "no json at all"));
    let second = asked(step(&staff, &books, at(0)));
    assert_eq!((second.provider, second.turns.len()), (ProviderId::Anthropic, 1));
    books.push(settled(&second, &samples::draft().to_string()));
    let Next::Done(note) = step(&staff, &books, at(0)) else {
        panic_with(&step(&staff, &books, at(0)))
    };
    assert_eq!(note.composer.provider, "anthropic");
    assert_eq!(note.composer.tried[0].outcome, TriedOutcome::Unusable);
}

#[test]
fn short_patience_is_had_once_and_a_long_one_is_not() {
    let staff = staff(&[]);
    let ask = asked(step(&staff, &[], at(0)));
    let limited = |ms| LlmError::RateLimited { wait: Some(Duration::from_millis(ms)) };
    let books = [failed(&ask, &limited(60_000))];
    match step(&staff, &books, at(0)) {
        Next::Wait { until, why } => {
            assert_eq!((until, why.code.as_str()), (at(60_000), "llm_rate_limited"))
        }
        other => panic_with(&other),
    }
    assert_eq!(asked(step(&staff, &books, at(60_000))), ask, "after the wait, the same is asked");
    let books = [failed(&ask, &limited(60_001))];
    assert_eq!(asked(step(&staff, &books, at(0))).provider, ProviderId::Anthropic);
    let books = [failed(&ask, &limited(1)), failed(&ask, &limited(1))];
    assert_eq!(asked(step(&staff, &books, at(9))).provider, ProviderId::Anthropic);
}

#[test]
fn a_lost_call_is_sent_again_within_the_tries_and_an_error_backs_off() {
    let staff = staff(&[]);
    let ask = asked(step(&staff, &[], at(0)));
    let lost = call(&ask, CallState::Uncertain);
    assert_eq!(asked(step(&staff, std::slice::from_ref(&lost), at(0))), ask);
    assert_eq!(asked(step(&staff, &[lost.clone(), lost], at(0))).provider, ProviderId::Anthropic);
    let books = [failed(&ask, &LlmError::Server { status: 500 })];
    assert!(matches!(step(&staff, &books, at(0)), Next::Wait { until, .. } if until == at(1_000)));
    assert_eq!(asked(step(&staff, &books, at(1_000))), ask);
}

#[test]
fn when_nobody_answers_the_speaker_does_and_the_reasons_are_told() {
    let staff = staff(&[]);
    let first = asked(step(&staff, &[], at(0)));
    let mut books = vec![failed(&first, &LlmError::Auth { status: 401 })];
    let second = asked(step(&staff, &books, at(0)));
    books.push(failed(&second, &LlmError::Refused { reason: "no".into() }));
    let Next::Extract(tried) = step(&staff, &books, at(0)) else {
        panic_with(&step(&staff, &books, at(0)))
    };
    let told: Vec<_> = tried.iter().map(|t| (t.provider.as_str(), t.outcome)).collect();
    assert_eq!(told, [("openai", TriedOutcome::NoAnswer), ("anthropic", TriedOutcome::Unusable)]);
    assert_eq!(tried[0].reason, "the key was refused, status 401");
}

#[test]
fn nobody_is_asked_for_silence_without_a_key_or_with_too_long_a_memo() {
    let transcript = samples::transcript(&[]);
    let memo = Memo { transcript: &transcript, recorded_at: samples::recorded_at() };
    let silence = next(&staff(&[]), memo, &[], RETRY, at(0));
    assert!(matches!(silence, Next::Extract(tried) if tried.is_empty()));
    let Next::Extract(tried) = step(&staff(&[("llm.policy", "mistral")]), &[], at(0)) else {
        return;
    };
    assert_eq!(
        (tried[0].outcome, tried[0].reason.as_str()),
        (TriedOutcome::NotAsked, "no key is configured")
    );
    let tokens = asked(step(&staff(&[]), &[], at(0))).tokens();
    let limited = |most: u64| {
        let values =
            vec![("llm.openai.api_key", "k".into()), ("llm.openai.max_input_tokens", most.into())];
        let loaded = load(&Overrides { file: None, values }).unwrap();
        step(&Staff::new(loaded.config.llm, PriceList::default()).unwrap(), &[], at(0))
    };
    assert!(matches!(limited(tokens), Next::Ask(_)));
    let Next::Extract(tried) = limited(tokens - 1) else { panic_with(&limited(tokens - 1)) };
    assert_eq!(tried[0].outcome, TriedOutcome::NotAsked);
}
