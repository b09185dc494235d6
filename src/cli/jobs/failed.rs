//! `diarist jobs failed`, and the retry of all that have failed for one reason.

use crate::cli::args::Global;
use crate::cli::door::with_node;
use crate::cli::failure::Failure;
use crate::client::{Client, FailedView};
use crate::config::Config;
use serde_json::json;
use std::fmt::Write;

pub async fn show(global: &Global, config: &Config, json: bool) -> Result<String, Failure> {
    let failed = with_node(global, config, async |client: &Client| client.failures().await).await?;
    Ok(if json { as_json(&failed) } else { as_table(&failed) })
}

/// Asks until none is left; says in words how many there were.
pub async fn retry(
    global: &Global,
    config: &Config,
    code: Option<&str>,
) -> Result<String, Failure> {
    let all = async |client: &Client| {
        let mut sum = 0;
        loop {
            let answer = client.retry_failed(code).await?;
            sum += answer.retried;
            if !answer.more {
                return Ok(sum);
            }
        }
    };
    match (with_node(global, config, all).await?, code) {
        (0, Some(code)) => {
            let error = anyhow::anyhow!("no job has failed by {code}");
            Err(Failure::work(error).hint("`diarist jobs failed` shows the reasons"))
        }
        (0, None) => Ok("nothing has failed".to_owned()),
        (1, _) => Ok("1 job gets another chance".to_owned()),
        (n, _) => Ok(format!("{n} jobs get another chance")),
    }
}

fn as_table(failed: &[FailedView]) -> String {
    if failed.is_empty() {
        return "nothing has failed\n".to_owned();
    }
    let mut text = format!("{:>6}  {:<24}  NEWEST\n", "JOBS", "CODE");
    for FailedView { count, error, newest } in failed {
        let code = error.as_ref().map_or("-", |error| error.code.as_str());
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{count:>6}  {code:<24}  {newest}");
        for line in error.iter().flat_map(|error| [&error.message, &error.hint]) {
            if !line.is_empty() {
                let _ = writeln!(text, "        {line}");
            }
        }
    }
    text
}

fn as_json(failed: &[FailedView]) -> String {
    let row = |failed: &FailedView| json!({ "count": failed.count, "error": failed.error, "newest": failed.newest });
    format!("{:#}\n", serde_json::Value::from(failed.iter().map(row).collect::<Vec<_>>()))
}
