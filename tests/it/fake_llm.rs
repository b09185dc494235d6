//! The fake language-model server, as raw HTTP sees it; `tests/fakes/sdk` looks at it with the official SDKs.

use crate::fakes::Fake;
use crate::kit::sse;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

const PATHS: [&str; 4] = [
    "openai/v1/chat/completions",
    "anthropic/v1/messages",
    "mistral/v1/chat/completions",
    "local/v1/chat/completions",
];

struct Stage {
    fake: Fake,
    http: Client,
}

impl Stage {
    async fn new() -> Self {
        let fake = Fake::start(([127, 0, 0, 1], 0).into()).await.unwrap();
        Self { fake, http: Client::new() }
    }

    async fn script(&self, steps: Value) {
        let answer = self.post("_script").body(steps.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    async fn calls(&self) -> Value {
        let answer = self.http.get(format!("{}/_calls", self.fake.url)).send().await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}/{path}", self.fake.url))
    }

    /// A call with the right headers and this beside what is needed.
    fn ask(&self, path: &str, more: Value) -> RequestBuilder {
        let mut body = json!({
            "model": "claude-haiku-4-5", "messages": [{ "role": "user", "content": "[4] I ran." }],
        });
        if path.starts_with("anthropic") {
            body["max_tokens"] = json!(1000);
        }
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let call = self.post(path).header("anthropic-version", "2023-06-01");
        call.header("x-api-key", "sk-ant-fake").bearer_auth("sk-fake").json(&body)
    }

    async fn refused(&self, path: &str, more: Value) -> (u16, Value) {
        read(self.ask(path, more).send().await.unwrap()).await
    }
}

async fn read(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {text}")))
}

/// What an answer says, wherever its provider puts it.
fn said(body: &Value) -> &str {
    let content = body.pointer("/choices/0/message/content").or(body.pointer("/content/0/text"));
    content.and_then(Value::as_str).unwrap_or_else(|| panic!("nothing said: {body}"))
}

#[tokio::test]
async fn every_provider_answers_with_what_the_transcript_says() {
    let stage = Stage::new().await;
    for path in PATHS {
        let (status, body) = stage.refused(path, json!({})).await;
        assert_eq!((status, said(&body)), (200, "The day began so: I ran."), "{path}");
    }
    assert_eq!(stage.calls().await["count"], 4);
}

#[tokio::test]
async fn a_stream_and_a_whole_answer_say_the_same() {
    let stage = Stage::new().await;
    for path in PATHS {
        for model in ["m", "m@odd_framing", "m@unknown_values"] {
            let answer = stage.ask(path, json!({ "model": model, "stream": true }));
            let text = answer.send().await.unwrap().text().await.unwrap();
            let told: String = sse::events(&text).iter().map(delta).collect();
            assert_eq!(told, "The day began so: I ran.", "{path} {model}: {text}");
        }
    }
}

/// The text of one event, of whichever provider.
fn delta(event: &sse::Event) -> String {
    let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
    let text = data.pointer("/choices/0/delta/content").or(data.pointer("/delta/text"));
    text.and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn keys_are_asked_for_and_never_kept() {
    let stage = Stage::new().await;
    for path in PATHS {
        let body = json!({ "model": "m", "max_tokens": 9, "messages": [] });
        let version = ("anthropic-version", "2023-06-01");
        let call = stage.post(path).header(version.0, version.1).json(&body);
        let wrong = call.header("x-api-key", "sk-wrong-1").bearer_auth("sk-wrong-1");
        let (status, answer) = read(wrong.send().await.unwrap()).await;
        assert_eq!(status, 401, "{path}: {answer}");
    }
    let calls = stage.calls().await;
    assert_eq!(calls["calls"][1]["headers"]["x-api-key"], "redacted");
    assert!(!calls.to_string().contains("sk-wrong-1"));
    let bare = stage.post(PATHS[1]).header("x-api-key", "k").json(&json!({}));
    let (status, answer) = read(bare.send().await.unwrap()).await;
    assert_eq!(status, 400);
    assert_eq!(answer["error"]["message"], "anthropic-version: header is required");
}

#[tokio::test]
async fn requests_are_refused_in_the_words_of_their_provider() {
    let stage = Stage::new().await;
    let (status, body) = stage.refused(PATHS[0], json!({ "top_k": 3 })).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("unknown_parameter")));
    let reasoning = json!({ "model": "gpt-5-mini", "max_tokens": 3 });
    let (_, body) = stage.refused(PATHS[0], reasoning).await;
    assert_eq!(body["error"]["code"], "unsupported_parameter");
    let (_, body) = stage.refused(PATHS[1], json!({ "response_format": {} })).await;
    assert_eq!(body["error"]["message"], "response_format: Extra inputs are not permitted");
    let hot = json!({ "model": "claude-opus-5", "temperature": 0.2 });
    let (_, body) = stage.refused(PATHS[1], hot).await;
    assert_eq!(body["error"]["message"], "`temperature` is deprecated for this model.");
    let (status, body) = stage.refused(PATHS[2], json!({ "stream_options": {} })).await;
    assert_eq!((status, &body["detail"][0]["type"]), (422, &json!("extra_forbidden")));
    let (status, _) = stage.refused(PATHS[3], json!({ "whatever": 1 })).await;
    assert_eq!(status, 200);
    let (_, body) = stage.refused(PATHS[3], json!({ "messages": "hello" })).await;
    assert_eq!(body["error"]["message"], "'messages' must be an array");
}

#[tokio::test]
async fn every_form_of_retry_after_is_the_only_one() {
    let stage = Stage::new().await;
    for (form, header) in [
        ("seconds", "2"),
        ("fraction", "0.5"),
        ("date", " GMT"),
        ("past_date", " GMT"),
        ("absurd", "31536000"),
        ("garbage", "soon"),
        ("none", ""),
    ] {
        for path in PATHS {
            let model = json!({ "model": format!("m@rate_limited:{form}") });
            let answer = stage.ask(path, model).send().await.unwrap();
            assert_eq!(answer.status(), 429);
            let shown = answer.headers().get("retry-after").map(|value| value.to_str().unwrap());
            assert!(shown.unwrap_or_default().ends_with(header), "{path} {form}: {shown:?}");
            assert_eq!(shown.is_none(), form == "none");
            let resets = answer.headers().keys().filter(|name| name.as_str().contains("reset"));
            assert_eq!(resets.count(), 0, "{path} {form}");
        }
    }
    let limited = json!({ "model": "m@rate_limited:reset_headers" });
    for (path, header) in [
        (PATHS[0], "x-ratelimit-reset-requests"),
        (PATHS[1], "anthropic-ratelimit-requests-reset"),
        (PATHS[2], "ratelimit-reset"),
    ] {
        let answer = stage.ask(path, limited.clone()).send().await.unwrap();
        assert!(answer.headers().contains_key(header), "{path}");
        assert!(!answer.headers().contains_key("retry-after"));
    }
}

#[tokio::test]
async fn a_cut_comes_before_the_headers_or_in_the_middle_of_an_event() {
    let stage = Stage::new().await;
    for path in PATHS {
        let cut = json!({ "model": "m@cut_before_headers", "stream": true });
        assert!(stage.ask(path, cut).send().await.unwrap_err().is_request(), "{path}");
        let cut = json!({ "model": "m@cut_stream", "stream": true });
        let mut answer = stage.ask(path, cut).send().await.unwrap();
        let mut text = Vec::new();
        let ended = loop {
            match answer.chunk().await {
                Ok(Some(bytes)) => text.extend(bytes),
                Ok(None) => panic!("{path}: an orderly end"),
                Err(error) => break error,
            }
        };
        let text = String::from_utf8_lossy(&text);
        assert!(text.contains("data: {") && !text.ends_with("\n\n"), "{ended}: {text}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_a_hanging_call_is_seen_to_have_left() {
    let stage = Stage::new().await;
    for model in ["m@hang", "m@hang_mid_stream"] {
        for path in PATHS {
            let call = stage.ask(path, json!({ "model": model, "stream": true }));
            let reading = async { call.send().await.unwrap().text().await };
            let patience = std::time::Duration::from_millis(200);
            assert!(tokio::time::timeout(patience, reading).await.is_err(), "{path} {model}");
        }
    }
    let left = |calls: &Value| {
        let calls = calls["calls"].as_array().unwrap();
        calls.iter().filter(|call| call["outcome"] == "client_left").count()
    };
    let seen = async {
        while left(&stage.calls().await) < 8 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), seen).await.expect("eight left");
}

#[tokio::test]
async fn a_script_is_followed_once_and_a_reset_forgets_it() {
    let stage = Stage::new().await;
    stage.script(json!([{ "answer": { "title": "Mine" } }, { "fault": "bad_gateway" }])).await;
    let (_, body) = stage.refused(PATHS[2], json!({})).await;
    assert_eq!(said(&body), r#"{"title":"Mine"}"#);
    let answer = stage.ask(PATHS[0], json!({})).send().await.unwrap();
    assert_eq!(answer.status(), 502);
    assert!(answer.text().await.unwrap().starts_with("<html>"));
    stage.script(json!({ "fault": "overloaded", "provider": "anthropic", "times": 2 })).await;
    assert_eq!(stage.refused(PATHS[3], json!({})).await.0, 200);
    let (status, body) = stage.refused(PATHS[1], json!({})).await;
    assert_eq!((status, &body["error"]["type"]), (529, &json!("overloaded_error")));
    stage.post("_reset").send().await.unwrap();
    assert_eq!(stage.refused(PATHS[1], json!({})).await.0, 200);
    let misspelt = stage.post("_script").body(r#"{"fault":"explode"}"#).send().await.unwrap();
    assert_eq!(misspelt.status(), 422);
}
