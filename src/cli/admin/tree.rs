//! The tree of actors as lines of text, as wide as there is room.

use crate::cli::output::duration;
use crate::client::{ActorTree, ActorView};

/// Below this there is no room for rate and latency.
const WIDE: usize = 90;
const NAME_MAX: usize = 34;

struct Pen {
    width: usize,
    name: usize,
    coloured: bool,
    lines: Vec<String>,
}

pub fn draw(tree: &ActorTree, width: usize, coloured: bool) -> Vec<String> {
    let name = NAME_MAX.min(width * 2 / 5);
    let mut pen = Pen { width, name, coloured, lines: Vec::new() };
    let ActorTree { node, uptime_ms, state, root } = tree;
    let head =
        format!("node {node} · {state} · up {} · {} actors", duration(*uptime_ms), count(root));
    pen.line(&head, if state == "open" { "" } else { RED });
    let figures =
        if width >= WIDE { format!("{:>8} {:>9} ", "RATE", "P99") } else { String::new() };
    pen.line(&format!("{:<name$} {:>9} {figures}{:>4}  DOING", "ACTOR", "MAILBOX", "RST"), DIM);
    pen.actor(root, "", "");
    pen.lines
}

const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const DIM: &str = "\x1b[2m";

impl Pen {
    fn actor(&mut self, actor: &ActorView, lead: &str, below: &str) {
        let name = fit(&format!("{lead}{}", printable(&actor.name)), self.name);
        let mailbox = format!("{}/{}", actor.mailbox.depth, actor.mailbox.capacity);
        let figures = match self.width {
            WIDE.. => format!("{:>8} {:>9} ", rate(actor.rate_per_s), time(actor.latency_us.p99)),
            _ => String::new(),
        };
        let restarts =
            if actor.restarts == 0 { "-".to_owned() } else { actor.restarts.to_string() };
        let width = self.name;
        let text = format!("{name:<width$} {mailbox:>9} {figures}{restarts:>4}  {}", doing(actor));
        let colour = match (actor.health.as_str(), actor.status.as_str()) {
            ("stuck", _) | (_, "restarting") => RED,
            (_, "leaving") => YELLOW,
            _ if actor.current.is_some() || actor.busy_ms > 0 => GREEN,
            _ => "",
        };
        self.line(&text, colour);
        let more = usize::from(actor.left_out.is_some());
        let count = actor.children.len() + more;
        for (index, child) in actor.children.iter().enumerate() {
            let (lead, next) =
                if index + 1 == count { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.actor(child, &format!("{below}{lead}"), &format!("{below}{next}"));
        }
        if let Some(left_out) = &actor.left_out {
            let states = left_out.states.iter().map(|(state, count)| format!("{count} {state}"));
            let states = states.collect::<Vec<_>>().join(", ");
            self.line(&format!("{below}└─ and {} more: {states}", left_out.count), DIM);
        }
    }

    fn line(&mut self, text: &str, colour: &str) {
        let text = fit(text, self.width);
        let plain = colour.is_empty() || !self.coloured;
        self.lines.push(if plain { text } else { format!("{colour}{text}\x1b[0m") });
    }
}

fn count(actor: &ActorView) -> usize {
    let left_out = actor.left_out.as_ref().map_or(0, |left_out| left_out.count);
    1 + left_out + actor.children.iter().map(count).sum::<usize>()
}

fn doing(actor: &ActorView) -> String {
    let mut text = match (actor.health.as_str(), actor.status.as_str()) {
        ("stuck", _) => "STUCK".to_owned(),
        (_, "running") => printable(&actor.state),
        (_, status) => status.to_owned(),
    };
    if let Some(current) = &actor.current {
        text.push_str(&format!(" · {}", printable(current)));
    }
    if let Some(message) = actor.message.as_ref().filter(|_| actor.busy_ms >= 1_000) {
        text.push_str(&format!(" · {message} for {}", duration(actor.busy_ms)));
    }
    if let Some(failure) = actor.last_failure.as_ref() {
        text.push_str(&format!(" · last failure {}: {}", failure.id, printable(&failure.reason)));
    }
    text
}

fn rate(per_s: f64) -> String {
    if per_s < 0.05 { "-".to_owned() } else { format!("{per_s:.1}/s") }
}

fn time(us: u64) -> String {
    match us {
        0 => "-".to_owned(),
        1..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{:.1} ms", us as f64 / 1e3),
        _ => format!("{:.1} s", us as f64 / 1e6),
    }
}

/// What a terminal would take as an order is none of ours.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    fn actor(name: &str, change: serde_json::Value) -> serde_json::Value {
        let mut actor = json!({
            "name": name, "status": "running", "health": "ok", "state": "idle",
            "mailbox": { "depth": 0, "capacity": 64 }, "rate_per_s": 0.0, "latency_us": { "p99": 1500 },
            "busy_ms": 0, "message": null, "current": null, "restarts": 0, "last_failure": null,
            "children": [], "left_out": null,
        });
        actor.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        actor
    }

    fn tree() -> ActorTree {
        let stuck = json!({ "health": "stuck", "message": "run", "busy_ms": 61_000 });
        let failed = json!({ "restarts": 2, "last_failure": { "id": "0badcafe", "reason": "panicked at src/x.rs:1" } });
        let left_out = json!({ "count": 900, "states": { "compose": 100, "transcribe": 800 } });
        let jobs = json!({ "current": "901 jobs", "left_out": left_out, "children": [actor("evil\u{1b}[2J", json!({}))] });
        let children = [actor("whisper", stuck), actor("llm", failed), actor("jobs", jobs)];
        serde_json::from_value(json!({
            "node": "n-1", "uptime_ms": 3_725_000, "state": "open",
            "root": actor("root", json!({ "children": children })),
        }))
        .unwrap()
    }

    #[test]
    fn the_tree_is_drawn_as_it_was_agreed() {
        insta::assert_snapshot!("the-tree-of-actors", draw(&tree(), 120, false).join("\n"));
    }

    #[test]
    fn lines_fit_any_width_and_colours_add_none() {
        for width in [20, 40, 80, 120] {
            for line in draw(&tree(), width, false) {
                assert!(line.chars().count() <= width && !line.contains('\x1b'), "{width}: {line}");
            }
        }
        assert!(draw(&tree(), 80, true).iter().any(|line| line.starts_with(RED)));
    }
}
