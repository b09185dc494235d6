//! What goes wrong, and when: faults that a test queues, or that a model's name asks for.

use super::wire::Provider;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::VecDeque;

/// A departure from the good answer. In JSON a name, `"hang"`, or a name with its value, `{"slow_tokens": 50}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    // Time and connection.
    SlowFirstToken(u64),
    SlowTokens(u64),
    Hang,
    HangMidStream,
    CutBeforeHeaders,
    CutStream,
    EndEarly,
    OddFraming,
    // The body.
    MalformedBody,
    UnknownValues,
    UsageMissing,
    EmptyChoices,
    EmptyContent,
    Thinking,
    // The content.
    MalformedContent,
    FencedContent,
    WrongSchema,
    Refusal,
    ContentFilter,
    LengthCut,
    // Errors.
    RateLimited(RetryAfter),
    InsufficientQuota,
    Overloaded,
    OverloadedMidStream,
    ServerError,
    BadGateway,
    Unavailable,
    Unauthorized,
    Forbidden,
    ModelNotFound,
    ContextLength,
}

/// How a 429 says when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// `retry-after: 2`
    Seconds,
    /// `retry-after: 0.5`
    Fraction,
    /// `retry-after:` an HTTP date two seconds ahead
    Date,
    /// `retry-after:` an HTTP date that has passed
    PastDate,
    /// `retry-after-ms: 250`
    Millis,
    /// The provider's own reset headers, a second ahead
    ResetHeaders,
    None,
    /// `retry-after: 31536000`, a year
    Absurd,
    /// `retry-after: soon`
    Garbage,
}

/// One entry of the queue: which calls it is for, and what they get.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Any provider when absent.
    #[serde(default)]
    pub provider: Option<Provider>,
    #[serde(default)]
    pub fault: Option<Fault>,
    /// The content to answer with: a text as it is, anything else as JSON.
    #[serde(default)]
    pub answer: Option<Value>,
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

/// The body of `POST /_script`.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Order {
    Many(Vec<Step>),
    One(Step),
}

/// What a call departs from the good answer by.
#[derive(Clone, Debug, Default)]
pub struct Turn {
    pub fault: Option<Fault>,
    pub answer: Option<Value>,
}

#[derive(Default)]
pub struct Script {
    steps: VecDeque<Step>,
}

impl Script {
    pub fn add(&mut self, order: Order) -> usize {
        match order {
            Order::Many(steps) => self.steps.extend(steps),
            Order::One(step) => self.steps.push_back(step),
        }
        self.steps.retain(|step| step.times > 0);
        self.steps.len()
    }

    pub fn clear(&mut self) {
        self.steps.clear();
    }

    /// Takes the first step that is for this provider, once.
    pub fn take(&mut self, provider: Provider) -> Turn {
        let is_for = |step: &Step| step.provider.is_none_or(|wanted| wanted == provider);
        let Some(at) = self.steps.iter().position(is_for) else { return Turn::default() };
        let step = &mut self.steps[at];
        let turn = Turn { fault: step.fault.clone(), answer: step.answer.clone() };
        step.times -= 1;
        if step.times == 0 {
            self.steps.remove(at);
        }
        turn
    }
}

/// Parts `gpt-5-mini@slow_tokens:50` into the model and its fault. A name that is no fault stays whole.
pub fn part(model: &str) -> (&str, Option<Fault>) {
    let parted = model.rsplit_once('@').and_then(|(name, fault)| Some((name, named(fault)?)));
    parted.map_or((model, None), |(name, fault)| (name, Some(fault)))
}

fn named(text: &str) -> Option<Fault> {
    let value = match text.split_once(':') {
        None => Value::from(text),
        Some((name, argument)) => {
            let argument =
                argument.parse::<u64>().map_or_else(|_| Value::from(argument), Value::from);
            serde_json::json!({ name: argument })
        }
    };
    serde_json::from_value(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn order(value: Value) -> Order {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn steps_are_taken_in_order_by_whom_they_are_for() {
        let mut script = Script::default();
        script.add(order(json!([
            { "provider": "mistral", "fault": "hang" },
            { "fault": { "rate_limited": "date" }, "times": 2 },
            { "answer": { "title": "Scripted" } },
        ])));
        let limited = Some(Fault::RateLimited(RetryAfter::Date));
        assert_eq!(script.take(Provider::Openai).fault, limited);
        assert_eq!(script.take(Provider::Local).fault, limited);
        assert_eq!(script.take(Provider::Mistral).fault, Some(Fault::Hang));
        assert_eq!(script.take(Provider::Openai).answer, Some(json!({ "title": "Scripted" })));
        let last = script.take(Provider::Openai);
        assert!(last.fault.is_none() && last.answer.is_none());
    }

    #[test]
    fn a_step_for_another_provider_waits_and_one_without_times_is_dropped() {
        let mut script = Script::default();
        let orders =
            json!([{ "provider": "local", "fault": "hang" }, { "fault": "hang", "times": 0 }]);
        assert_eq!(script.add(order(orders)), 1);
        assert!(script.take(Provider::Openai).fault.is_none());
        assert_eq!(script.take(Provider::Local).fault, Some(Fault::Hang));
    }

    #[test]
    fn a_model_name_can_ask_for_a_fault() {
        assert_eq!(part("gpt-5-mini"), ("gpt-5-mini", None));
        assert_eq!(part("gpt-5-mini@hang"), ("gpt-5-mini", Some(Fault::Hang)));
        assert_eq!(part("m@slow_tokens:50"), ("m", Some(Fault::SlowTokens(50))));
        let dated = Some(Fault::RateLimited(RetryAfter::Date));
        assert_eq!(part("m@rate_limited:date"), ("m", dated));
        assert_eq!(part("library/llama@sha256"), ("library/llama@sha256", None));
        assert_eq!(part("m@slow_tokens"), ("m@slow_tokens", None), "it lacks its value");
    }

    #[test]
    fn a_misspelt_script_is_refused() {
        let refused = |value: Value| serde_json::from_value::<Order>(value).is_err();
        assert!(refused(json!({ "fault": "explode" })));
        assert!(refused(json!({ "faults": "hang" })));
        assert!(refused(json!({ "fault": { "rate_limited": "tomorrow" } })));
        assert!(!refused(json!({})));
    }
}
