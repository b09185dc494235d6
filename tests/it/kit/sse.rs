//! Reads server-sent events as the standard says, with nothing of what the product reads them with.

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Where it has one of its own; what a browser would remember of earlier ones is not filled in.
    pub id: Option<String>,
    pub name: String,
    pub data: String,
}

/// The events of a whole stream; one that its blank line does not end is none.
pub fn events(text: &str) -> Vec<Event> {
    let (mut events, mut open, mut data) = (Vec::new(), Event::default(), Vec::new());
    let Some(ended) = text.rfind('\n') else { return events };
    for line in text[..ended].split('\n').map(|line| line.trim_end_matches('\r')) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => open.id = Some(value.to_owned()),
            "event" => value.clone_into(&mut open.name),
            "data" => data.push(value),
            "" if line.is_empty() => {
                let event = std::mem::take(&mut open);
                if !data.is_empty() {
                    let data = std::mem::take(&mut data).join("\n");
                    events.push(Event { data, ..event });
                }
            }
            _ => {}
        }
    }
    events
}

#[test]
fn events_are_read_in_every_form() {
    let event = |id: Option<&str>, name: &str, data: &str| {
        let id = id.map(str::to_owned);
        Event { id, name: name.into(), data: data.into() }
    };
    let text = ": hello\r\n\r\nid: 6\n\ndata:1\r\ndata: 2\r\nevent:x\r\n\r\nid: 7\ndata: [DONE]\n\ndata: cut";
    assert_eq!(events(text), [event(None, "x", "1\n2"), event(Some("7"), "", "[DONE]")]);
}
