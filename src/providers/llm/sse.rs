//! Server-sent events out of bytes as they come: cut anywhere, with any line ending, never longer than allowed.

/// A line longer than this is no event of any provider.
const LINE_BYTES_MAX: usize = 1 << 20;

/// Puts lines, and events of them, together.
#[derive(Debug, Default)]
pub struct Reader {
    line: Vec<u8>,
    data: String,
    after_cr: bool,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line of the stream is longer than {LINE_BYTES_MAX} bytes")]
pub struct TooLong;

impl Reader {
    /// Takes what came, and gives the data of the events that are complete with it.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Vec<String>, TooLong> {
        let mut events = Vec::new();
        for byte in bytes {
            let ends = matches!(byte, b'\n' | b'\r');
            if std::mem::replace(&mut self.after_cr, *byte == b'\r') && *byte == b'\n' {
                continue;
            }
            if ends {
                events.extend(self.end_line());
            } else if self.line.len() + self.data.len() >= LINE_BYTES_MAX {
                return Err(TooLong);
            } else {
                self.line.push(*byte);
            }
        }
        Ok(events)
    }

    /// What came last, where the stream ended without an empty line.
    pub fn end(mut self) -> Option<String> {
        let last = self.end_line();
        last.or_else(|| self.end_line())
    }

    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return Some(std::mem::take(&mut self.data)).filter(|data| !data.is_empty());
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_start_matches('\u{feff}');
        if let Some(data) = line.strip_prefix("data:") {
            if !self.data.is_empty() {
                self.data.push('\n');
            }
            self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_the_same_wherever_the_bytes_are_cut() {
        let page = ": hello\r\n\r\nevent: a\r\ndata: {\"é\":1}\r\n\r\ndata:x\ndata: y\n\nid: 1\rdata: z\r\rdata: [DONE]\n\n";
        let expected = ["{\"é\":1}", "x\ny", "z", "[DONE]"];
        for size in 1..page.len() {
            let mut reader = Reader::default();
            let took = page.as_bytes().chunks(size).flat_map(|bytes| reader.take(bytes));
            assert_eq!(took.flatten().collect::<Vec<_>>(), expected, "pieces of {size}");
        }
    }

    #[test]
    fn the_last_event_needs_no_empty_line_and_an_endless_line_is_refused() {
        let mut reader = Reader::default();
        assert_eq!(reader.take(b"data: one"), Ok(Vec::new()));
        assert_eq!(reader.end(), Some("one".to_owned()));
        assert_eq!(Reader::default().end(), None);
        assert_eq!(Reader::default().take(&vec![b'x'; LINE_BYTES_MAX + 1]), Err(TooLong));
    }
}
