//! What somebody is told who speaks plain HTTP to the port of TLS: typed without `https://`, an address means that.

use axum::http::uri::Authority;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer heads than this are no person's.
const HEAD_BYTES_MAX: usize = 4_096;

/// Reads the head of one request, answers it, and hangs up.
pub async fn answer(mut stream: TcpStream) -> io::Result<()> {
    let (mut head, mut part) = (Vec::new(), [0; 1_024]);
    while head.len() < HEAD_BYTES_MAX && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut part).await? {
            0 => break,
            read => head.extend_from_slice(&part[..read]),
        }
    }
    stream.write_all(told(&String::from_utf8_lossy(&head)).as_bytes()).await?;
    stream.shutdown().await
}

/// A page is sent on to the same host over TLS, to its front door: what stood behind it has been read by everybody.
fn told(head: &str) -> String {
    let mut lines = head.split("\r\n");
    let asked = lines.next().unwrap_or_default();
    let host = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let host = name.eq_ignore_ascii_case("host").then_some(value.trim())?;
        host.parse::<Authority>().ok().filter(|host| !host.as_str().contains('@'))
    });
    let (status, location) = match host {
        Some(host) if asked.starts_with("GET ") => {
            ("307 Temporary Redirect", format!("Location: https://{host}/\r\n"))
        }
        _ => ("400 Bad Request", String::new()),
    };
    let words = "This server speaks HTTPS: its address begins with https://\n";
    format!(
        "HTTP/1.1 {status}\r\n{location}Content-Type: text/plain\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n{words}",
        words.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_sent_on_and_a_program_is_told() {
        let page = told("GET /?token=x HTTP/1.1\r\nAccept: */*\r\nhost: 192.0.2.7:8443\r\n\r\n");
        assert!(page.starts_with("HTTP/1.1 307 "), "{page}");
        assert!(page.contains("\r\nLocation: https://192.0.2.7:8443/\r\n"), "{page}");
        for head in [
            "POST /v1/jobs HTTP/1.1\r\nHost: localhost:8443\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\u{e9} b\r\n\r\n",
            "SSH-2.0-x",
            "",
        ] {
            let told = told(head);
            assert!(told.starts_with("HTTP/1.1 400 ") && !told.contains("Location"), "{head}");
        }
    }
}
