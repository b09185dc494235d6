//! A model hub for this room's tests: answers one request after the other as it was told to.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// How to answer one request.
#[derive(Clone)]
pub enum Answer {
    /// As a good server does, ranges included.
    Well,
    /// Announces everything that was asked for and hangs up after so many bytes.
    CutAfter(usize),
    /// Everything from the beginning, whatever was asked for.
    IgnoreRange,
    /// Says that it begins where it was asked to, one byte further on.
    WrongRange,
    /// Another version of the file, whatever was asked for, under another tag.
    Changed(Vec<u8>),
    Status(u16),
}

pub struct HubDouble {
    pub url: String,
    /// The range header of every request so far.
    ranges: Arc<Mutex<Vec<Option<String>>>>,
}

impl HubDouble {
    /// Gives each answer once, then stops listening.
    pub fn start(content: Vec<u8>, answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/model.bin", listener.local_addr().unwrap());
        let ranges = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&ranges);
        thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let range = range_asked(&stream);
                seen.lock().unwrap().push(range.clone());
                // A client that has what it wants may hang up first.
                let _ = reply(&mut stream, &content, range, &answer);
            }
        });
        Self { url, ranges }
    }

    /// An address where nobody listens.
    pub fn dead() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/model.bin", listener.local_addr().unwrap())
    }

    pub fn ranges(&self) -> Vec<Option<String>> {
        self.ranges.lock().unwrap().clone()
    }
}

fn range_asked(stream: &TcpStream) -> Option<String> {
    let mut range = None;
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap();
        if line.is_empty() {
            break;
        }
        if let Some((_, value)) = line.split_once(": ").filter(|(name, _)| *name == "range") {
            range = Some(value.to_owned());
        }
    }
    range
}

fn reply(
    stream: &mut TcpStream,
    content: &[u8],
    range: Option<String>,
    answer: &Answer,
) -> std::io::Result<()> {
    let asked = range.and_then(|range| range["bytes=".len()..].trim_end_matches('-').parse().ok());
    let (status, from, content, tag, most) = match answer {
        Answer::Well => (200, asked, content, "\"one\"", usize::MAX),
        Answer::CutAfter(most) => (200, asked, content, "\"one\"", *most),
        Answer::IgnoreRange => (200, None, content, "\"one\"", usize::MAX),
        Answer::WrongRange => (200, asked.map(|from| from + 1), content, "\"one\"", usize::MAX),
        Answer::Changed(other) => (200, asked, &other[..], "\"two\"", usize::MAX),
        Answer::Status(status) => (*status, None, &[][..], "\"one\"", usize::MAX),
    };
    let body = &content[from.unwrap_or(0)..];
    let (status, range) = match from {
        Some(from) => {
            let (last, all) = (content.len() - 1, content.len());
            (206, format!("content-range: bytes {from}-{last}/{all}\r\n"))
        }
        None => (status, String::new()),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {length}\r\n\
         etag: {tag}\r\n{range}\r\n"
    )?;
    stream.write_all(&body[..length.min(most)])
}
