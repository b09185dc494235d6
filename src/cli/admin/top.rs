//! `diarist admin actors`: the tree once, or again and again until the person has seen enough.

use super::ActorsArgs;
use super::terminal::{Key, Screen, size};
use super::tree::draw;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{is_coloured, print};
use crate::client::{ActorTree, Client};
use crate::clock;
use std::time::Duration;

const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// How long a key waits to be noticed, at most.
const BETWEEN_KEYS: Duration = Duration::from_millis(40);
/// What a pipe is given: lines as long as they are.
const PIPE_WIDTH: usize = 400;

pub async fn run(args: &ActorsArgs, client: &Client) -> Result<Outcome, Failure> {
    let query = query(args);
    if args.json {
        let tree = client.actors(&query).await?;
        let text = serde_json::to_string_pretty(&tree).map_err(Failure::work)?;
        print(&format!("{text}\n"))?;
        return Ok(Outcome::Done);
    }
    let screen = if args.once { None } else { Screen::enter()? };
    match screen {
        Some(screen) => watch(&screen, client, &query).await?,
        None => {
            let (width, coloured) = match size() {
                Some((width, _)) => (width, is_coloured()),
                None => (PIPE_WIDTH, false),
            };
            let tree = look(client, &query).await?;
            print(&format!("{}\n", draw(&tree, width, coloured).join("\n")))?;
            if let (true, Some(kind)) = (tree.root.children.is_empty(), &args.kind) {
                let error = anyhow::anyhow!("no actor below {} is of kind {kind}", args.path);
                return Err(Failure::work(error).hint("without --kind all are shown"));
            }
        }
    }
    Ok(Outcome::Done)
}

fn query(args: &ActorsArgs) -> Vec<(&'static str, String)> {
    let mut query = vec![("path", args.path.clone()), ("limit", args.limit.to_string())];
    query.extend(args.kind.clone().map(|kind| ("kind", kind)));
    query.extend(args.depth.map(|depth| ("depth", depth.to_string())));
    query
}

async fn look(client: &Client, query: &[(&str, String)]) -> Result<ActorTree, Failure> {
    let tree = client.actors(query).await?;
    serde_json::from_value(tree).map_err(Failure::work)
}

async fn watch(screen: &Screen, client: &Client, query: &[(&str, String)]) -> Result<(), Failure> {
    let mut first = 0_usize;
    loop {
        let tree = look(client, query).await?;
        let looked = clock::tick();
        let mut is_drawn = false;
        while looked.elapsed() < BETWEEN_LOOKS {
            let (width, height) = size().unwrap_or((80, 24));
            let lines = draw(&tree, width, is_coloured());
            let page = height.saturating_sub(2).max(1);
            for key in screen.keys() {
                is_drawn = false;
                first = match key {
                    Key::Quit => return Ok(()),
                    Key::Up => first.saturating_sub(1),
                    Key::Down => first + 1,
                    Key::PageUp => first.saturating_sub(page),
                    Key::PageDown => first + page,
                    Key::Top => 0,
                };
            }
            first = first.min(lines.len().saturating_sub(page));
            if !std::mem::replace(&mut is_drawn, true) {
                print(&screenful(&lines, first, page))?;
            }
            tokio::time::sleep(BETWEEN_KEYS).await;
        }
    }
}

/// From the top left corner, each line to its end, and nothing below.
fn screenful(lines: &[String], first: usize, page: usize) -> String {
    let shown = lines.iter().skip(first).take(page).map(|line| format!("{line}\x1b[K\r\n"));
    let below = lines.len().saturating_sub(first + page);
    let foot = if below > 0 { format!("↓ {below} more · q ends") } else { "q ends".to_owned() };
    format!("\x1b[H{}{foot}\x1b[K\x1b[J", shown.collect::<String>())
}
