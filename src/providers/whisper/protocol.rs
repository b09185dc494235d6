//! What a node and its whisper worker say to each other: length-prefixed JSON over the child's pipes.

use crate::domain::job::ChunkRange;
use crate::domain::options::{Task, Temperature};
use crate::domain::transcript::Segment;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Grows with every change of these messages: both ends are one binary, unless it was replaced in between.
pub const VERSION: u32 = 4;

/// A frame is a little-endian u32 length and that many bytes of JSON; a longer one is a broken peer.
pub const FRAME_BYTES_MAX: usize = 4 * 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ToWorker {
    /// First on the pipe; answered by `Ready` or `Broken`.
    Hello(Hello),
    Transcribe(ChunkRequest),
    Detect(DetectRequest),
    Cancel {
        id: u64,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    pub version: u32,
    pub model: PathBuf,
    pub slots: usize,
    pub nice: i32,
}

/// One chunk: the child reads its range of the decoded file itself, no sound passes through the pipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChunkRequest {
    pub id: u64,
    pub pcm: PathBuf,
    pub range: ChunkRange,
    pub language: String,
    pub task: Task,
    pub word_timestamps: bool,
    pub prompt: Option<String>,
    pub temperature: Temperature,
    pub tokens: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectRequest {
    pub id: u64,
    pub pcm: PathBuf,
    pub range: ChunkRange,
    /// The only languages that come into question; all where empty.
    pub among: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FromWorker {
    Ready {
        version: u32,
        load_ms: u64,
    },
    Broken {
        message: String,
    },
    /// All that has been heard of a chunk so far, now and then; it may still change.
    Partial {
        id: u64,
        text: String,
    },
    Heard {
        id: u64,
        chunk: ChunkText,
    },
    Detected {
        id: u64,
        language: String,
        cpu_ms: u64,
    },
    Refused {
        id: u64,
        message: String,
    },
    Cancelled {
        id: u64,
    },
}

/// The text of one chunk, with times of the whole recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChunkText {
    pub segments: Vec<Segment>,
    pub cpu_ms: u64,
}

/// Writes one frame and flushes it.
pub fn write_frame<T: Serialize>(pipe: &mut impl Write, message: &T) -> io::Result<()> {
    pipe.write_all(&encode(message)?)?;
    pipe.flush()
}

/// Reads one frame; `None` when the peer has closed the pipe between two frames.
pub fn read_frame<T: DeserializeOwned>(pipe: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match pipe.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut body = vec![0; checked_length(length)?];
    pipe.read_exact(&mut body)?;
    Ok(Some(serde_json::from_slice(&body)?))
}

/// The same as [`write_frame`], for the parent.
pub async fn send<T: Serialize>(
    pipe: &mut (impl AsyncWrite + Unpin),
    message: &T,
) -> io::Result<()> {
    pipe.write_all(&encode(message)?).await?;
    pipe.flush().await
}

/// The same as [`read_frame`], for the parent.
pub async fn receive<T: DeserializeOwned>(
    pipe: &mut (impl AsyncRead + Unpin),
) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match pipe.read_exact(&mut length).await {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    };
    let mut body = vec![0; checked_length(length)?];
    pipe.read_exact(&mut body).await?;
    Ok(Some(serde_json::from_slice(&body)?))
}

fn encode<T: Serialize>(message: &T) -> io::Result<Vec<u8>> {
    let body = serde_json::to_vec(message)?;
    let length = u32::try_from(body.len()).ok().filter(|n| *n as usize <= FRAME_BYTES_MAX);
    let length = length.ok_or_else(|| io::Error::other("frame too long"))?;
    let mut frame = length.to_le_bytes().to_vec();
    frame.extend(body);
    Ok(frame)
}

fn checked_length(prefix: [u8; 4]) -> io::Result<usize> {
    match u32::from_le_bytes(prefix) as usize {
        length if length <= FRAME_BYTES_MAX => Ok(length),
        length => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("frame of {length} bytes, the limit is {FRAME_BYTES_MAX}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_frame_survives_the_pipe_and_its_end_is_no_error() {
        let mut pipe = Vec::new();
        write_frame(&mut pipe, &ToWorker::Cancel { id: 7 }).unwrap();
        let mut reader = pipe.as_slice();
        assert_eq!(read_frame(&mut reader).unwrap(), Some(ToWorker::Cancel { id: 7 }));
        assert_eq!(read_frame::<ToWorker>(&mut reader).unwrap(), None);
    }

    #[test]
    fn a_lying_length_and_a_cut_frame_are_errors() {
        let long = u32::try_from(FRAME_BYTES_MAX + 1).unwrap().to_le_bytes();
        let error = read_frame::<ToWorker>(&mut long.as_slice()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        let mut cut = Vec::new();
        write_frame(&mut cut, &ToWorker::Cancel { id: 7 }).unwrap();
        cut.pop();
        assert!(read_frame::<ToWorker>(&mut cut.as_slice()).is_err());
    }
}
