//! Follows the events of one job over Server-Sent Events, and takes up the thread where it broke.

use super::Client;
use super::error::ClientError;
use super::view::Event;
use crate::domain::ids::JobId;
use reqwest::{Method, Response};
use std::collections::VecDeque;

/// A longer line is no event of ours.
const LINE_BYTES_MAX: usize = 16 * 1024 * 1024;

pub struct Follow {
    client: Client,
    id: JobId,
    last: i64,
    stream: Option<Response>,
    pending: Vec<u8>,
    ready: VecDeque<Event>,
    draft: Draft,
}

/// The event whose lines are still coming.
#[derive(Default)]
struct Draft {
    id: Option<i64>,
    kind: String,
    data: String,
}

impl Follow {
    pub(super) fn new(client: Client, id: JobId, after: i64) -> Self {
        let (pending, ready) = (Vec::new(), VecDeque::new());
        Self { client, id, last: after, stream: None, pending, ready, draft: Draft::default() }
    }

    /// The next event, or `None` when the server says that there will be none.
    pub async fn next(&mut self) -> Result<Option<Event>, ClientError> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.last = event.id;
                return Ok(Some(event));
            }
            let mut stream = match self.stream.take() {
                Some(stream) => stream,
                None => self.open().await?,
            };
            match stream.chunk().await {
                Ok(Some(bytes)) => {
                    self.take(&bytes)?;
                    self.stream = Some(stream);
                }
                Ok(None) => return Ok(None),
                Err(source) => {
                    let url = self.client.base.clone();
                    self.pending.clear();
                    self.draft = Draft::default();
                    return Err(ClientError::Unreachable { url, source });
                }
            }
        }
    }

    async fn open(&self) -> Result<Response, ClientError> {
        let path = format!("/v1/jobs/{}/events", self.id);
        let request = self.client.request(Method::GET, &path);
        let request = request.header("Last-Event-ID", self.last.to_string());
        self.client.send(request.header("Accept", "text/event-stream")).await
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), ClientError> {
        self.pending.extend_from_slice(bytes);
        while let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.pending.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            self.line(line.trim_end_matches(['\r', '\n']))?;
        }
        if self.pending.len() > LINE_BYTES_MAX {
            self.pending.clear();
        }
        Ok(())
    }

    fn line(&mut self, line: &str) -> Result<(), ClientError> {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" if line.is_empty() => {
                let Draft { id, kind, data } = std::mem::take(&mut self.draft);
                if let Some(id) = id {
                    let data = serde_json::from_str(&data)
                        .map_err(|source| ClientError::Decode { source })?;
                    self.ready.push_back(Event { id, kind, data });
                }
            }
            "id" => self.draft.id = value.parse().ok(),
            "event" => value.clone_into(&mut self.draft.kind),
            "data" => self.draft.data.push_str(value),
            // Comments keep the line open, and fields that we do not know are none of ours.
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn events_come_whole_however_the_bytes_are_cut() {
        let wire = b": hello\n\nid: 1\nevent: state\ndata: {\"status\":\"queued\"}\n\nid: 2\nevent: progress\ndata: {\"fraction\":0.5}\n\n";
        for cut in 1..wire.len() {
            let client = Client::new("http://127.0.0.1:1").unwrap();
            let mut follow = client.follow(JobId(uuid::Uuid::nil()), 0);
            follow.take(&wire[..cut]).unwrap();
            follow.take(&wire[cut..]).unwrap();
            let seen: Vec<_> = follow.ready.iter().map(|e| (e.id, e.kind.as_str())).collect();
            assert_eq!(seen, [(1, "state"), (2, "progress")], "cut at {cut}");
        }
    }
}
