//! `diarist jobs follow`: what happens to a job as it happens, until it is over.

use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{duration, print, say};
use crate::cli::when;
use crate::client::{Client, ClientError, Event};
use crate::domain::ids::JobId;
use serde_json::{Value, json};

/// Follows from where `seen` says. Whoever calls it again after a break misses nothing and sees nothing twice.
pub async fn follow(
    client: &Client,
    id: JobId,
    seen: &mut i64,
    as_json: bool,
) -> Result<Result<Outcome, Failure>, ClientError> {
    loop {
        let mut events = client.follow(id, *seen);
        while let Some(event) = events.next().await? {
            *seen = event.id;
            let line = if as_json { Some(in_json(&event)) } else { in_words(&event) };
            if let Some(line) = line
                && let Err(failure) = print(&format!("{line}\n"))
            {
                return Ok(Err(failure));
            }
            if event.kind == "state"
                && event.data["status"] == "queued"
                && let Some(why) = when::why_it_waits(client, &client.job(id).await?).await
            {
                say(&why);
            }
        }
        let job = client.job(id).await?;
        if job.is_over() && job.last_event_id <= *seen {
            let done = job.status == "done";
            return Ok(Ok(if done { Outcome::Done } else { Outcome::SomeFailed }));
        }
    }
}

fn in_json(event: &Event) -> String {
    json!({ "id": event.id, "event": event.kind, "data": event.data }).to_string()
}

/// Progress is nothing to read: the segments show it.
fn in_words(event: &Event) -> Option<String> {
    let data = &event.data;
    let word = |key: &str| data.get(key).and_then(Value::as_str).unwrap_or_default();
    let number = |key: &str| data.get(key).and_then(Value::as_u64).unwrap_or(0);
    match event.kind.as_str() {
        "state" => {
            let why = data.pointer("/error/message").and_then(Value::as_str).unwrap_or_default();
            let parts = [word("status"), word("stage"), why];
            let said: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            Some(said.join(" · "))
        }
        "segment" => Some(format!("{:>7}  {}", duration(number("start_ms")), word("text").trim())),
        "note" => Some(format!("note · {}", word("title"))),
        "gap" => Some(format!("{:>7}  [{}]", duration(number("start_ms")), word("reason"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_in_words() {
        let told = |kind: &str, data| in_words(&Event { id: 1, kind: kind.to_owned(), data });
        for (kind, data, words) in [
            ("state", json!({"status": "running", "stage": "ingest"}), Some("running · ingest")),
            (
                "state",
                json!({"status": "failed", "stage": "ingest", "error": {"message": "no sound"}}),
                Some("failed · ingest · no sound"),
            ),
            ("segment", json!({"start_ms": 61_000, "text": " Hello."}), Some("   1:01  Hello.")),
            ("note", json!({"title": "A day"}), Some("note · A day")),
            ("progress", json!({"fraction": 0.5}), None),
        ] {
            assert_eq!(told(kind, data).as_deref(), words);
        }
    }
}
