//! Sends recordings, however slowly they come: a memo may still be spoken while it is sent.

use super::{Client, ClientError, JobView, printable_name};
use crate::domain::options::JobOptions;
use chrono::{DateTime, FixedOffset};
use futures::{StreamExt, stream};
use reqwest::Body;
use reqwest::multipart::{Form, Part};
use std::path::Path;
use tokio::io::AsyncRead;
use tokio::sync::oneshot;
use tokio_util::io::ReaderStream;

/// Fires when the last byte of a recording has been read, or nobody reads on.
type AllSent = oneshot::Receiver<()>;

impl Client {
    /// Uploads a file as a job. Says whether it was there before.
    pub async fn submit_file(
        &self,
        path: &Path,
        options: &JobOptions,
        last_modified: Option<DateTime<FixedOffset>>,
    ) -> Result<(JobView, bool), ClientError> {
        self.submit_file_as(path, &printable_name(path), options, last_modified).await
    }

    /// The same under another name, for a file that has been renamed since it was first sent.
    pub async fn submit_file_as(
        &self,
        path: &Path,
        name: &str,
        options: &JobOptions,
        last_modified: Option<DateTime<FixedOffset>>,
    ) -> Result<(JobView, bool), ClientError> {
        let unread = |source| ClientError::Read { path: path.to_owned(), source };
        let file = tokio::fs::File::open(path).await.map_err(unread)?;
        let meta = file.metadata().await.map_err(unread)?;
        if meta.is_dir() {
            return Err(ClientError::Folder { path: path.to_owned() });
        }
        let (body, sent) = streamed(file);
        // A pipe has no length that is known beforehand.
        let part = match meta.is_file() {
            true => Part::stream_with_length(body, meta.len()),
            false => Part::stream(body),
        };
        self.submit(part.file_name(name.to_owned()), sent, options, last_modified).await
    }

    /// Uploads what comes from standard input.
    pub async fn submit_stdin(&self, options: &JobOptions) -> Result<(JobView, bool), ClientError> {
        let (body, sent) = streamed(tokio::io::stdin());
        self.submit(Part::stream(body).file_name("stdin"), sent, options, None).await
    }

    /// Uploads what this program already holds.
    pub async fn submit_bytes(
        &self,
        name: &'static str,
        bytes: &'static [u8],
        options: &JobOptions,
    ) -> Result<(JobView, bool), ClientError> {
        let (body, sent) = streamed(bytes);
        let part = Part::stream_with_length(body, bytes.len() as u64);
        self.submit(part.file_name(name), sent, options, None).await
    }

    /// As long as bytes come it waits for them; then the server has as long to answer as for anything else.
    async fn submit(
        &self,
        file: Part,
        all_sent: AllSent,
        options: &JobOptions,
        last_modified: Option<DateTime<FixedOffset>>,
    ) -> Result<(JobView, bool), ClientError> {
        let options =
            serde_json::to_string(options).map_err(|source| ClientError::Encode { source })?;
        let mut form = Form::new().text("options", options);
        if let Some(at) = last_modified {
            form = form.text("last_modified", at.to_rfc3339());
        }
        let mut request = self.uploads.post(format!("{}/v1/jobs", self.base));
        if let Some(key) = &self.key {
            request = request.header("Idempotency-Key", key);
        }
        let sending = request.multipart(form.part("file", file)).send();
        let silence = async {
            // A sender that is gone has nothing more to send.
            let _ = all_sent.await;
            tokio::time::sleep(self.patience).await;
        };
        let answer = tokio::select! {
            sent = sending => self.accepted(sent).await?,
            () = silence => return Err(ClientError::Silent { url: self.base.clone() }),
        };
        let existed = answer.status() == reqwest::StatusCode::OK;
        Ok((self.json(answer).await?, existed))
    }
}

/// What is read as the body of a request, and the word that all of it was.
fn streamed(source: impl AsyncRead + Send + 'static) -> (Body, AllSent) {
    let (sent, all_sent) = oneshot::channel();
    let end = stream::once(async move {
        let _ = sent.send(());
        None
    });
    let pieces = ReaderStream::new(source).map(Some).chain(end).filter_map(std::future::ready);
    (Body::wrap_stream(pieces), all_sent)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::client::Trust;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::time::Duration;
    use tokio::io::AsyncWriteExt;

    const PATIENCE: Duration = Duration::from_millis(300);
    const REFUSED: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";

    /// Hears one upload to its end, and says `answer`, or nothing at all.
    fn server(answer: Option<&'static [u8]>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut peer, _) = listener.accept().unwrap();
            let (mut heard, mut piece) = (Vec::new(), [0; 4096]);
            while !heard.ends_with(b"\r\n0\r\n\r\n") {
                let read = peer.read(&mut piece).unwrap();
                heard.extend_from_slice(&piece[..read]);
            }
            match answer {
                Some(answer) => peer.write_all(answer).unwrap(),
                // Ends when the client has given up.
                None => drop(peer.read(&mut piece)),
            }
        });
        url
    }

    /// Sends a recording that is still spoken when the patience is long over.
    async fn speak_slowly(url: &str) -> ClientError {
        let client = Client::with_patience(url, &Trust::default(), PATIENCE).unwrap();
        let (mut speaker, microphone) = tokio::io::duplex(64);
        let (body, sent) = streamed(microphone);
        let options = JobOptions::default();
        let sending = client.submit(Part::stream(body), sent, &options, None);
        let speaking = async {
            for _ in 0..5 {
                speaker.write_all(b"word").await.unwrap();
                tokio::time::sleep(PATIENCE / 2).await;
            }
            drop(speaker);
        };
        tokio::join!(sending, speaking).0.unwrap_err()
    }

    #[tokio::test]
    async fn a_recording_may_take_longer_to_come_than_an_answer() {
        let error = speak_slowly(&server(Some(REFUSED))).await;
        assert!(matches!(error, ClientError::Refused { status: 400, .. }), "{error:?}");
    }

    #[tokio::test]
    async fn a_server_that_has_everything_and_says_nothing_is_given_up() {
        let error = speak_slowly(&server(None)).await;
        assert!(matches!(error, ClientError::Silent { .. }), "{error:?}");
    }
}
