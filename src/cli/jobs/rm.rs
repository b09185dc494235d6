//! `diarist jobs rm`: takes jobs away with their recordings and notes, after asking.

use crate::cli::failure::{Failure, Outcome};
use crate::cli::job_id;
use crate::cli::output::{complain_of, say};
use crate::client::{Client, ClientError};
use crate::domain::ids::JobId;
use std::io::{self, IsTerminal, Write};

/// Makes sure that the person means it. `false` is a no.
pub fn confirm(ids: &[String], yes: bool) -> Result<bool, Failure> {
    if yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        let error = anyhow::anyhow!("jobs are removed for good, and there is nobody to ask");
        return Err(Failure::usage(error).hint("give --yes"));
    }
    let what = if ids.len() == 1 { "this job" } else { "these jobs" };
    // Without a question on the screen the answer is no.
    let _ = write!(
        io::stderr(),
        "Remove {what} with recording, transcript and note for good?\n  {}\n[y/N] ",
        ids.join("\n  ")
    );
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(Failure::work)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// What is still to be removed.
pub struct Removal {
    open: Vec<String>,
    /// The first one, where nobody has heard what became of it.
    unanswered: Option<JobId>,
}

impl Removal {
    pub fn of(ids: Vec<String>) -> Self {
        Self { open: ids, unanswered: None }
    }
}

/// Removes them one after the other, and forgets those that are gone: a repeated call goes on with the rest.
pub async fn remove(client: &Client, removal: &mut Removal) -> Result<Outcome, ClientError> {
    let mut outcome = Outcome::Done;
    while let Some(given) = removal.open.first() {
        let found = match removal.unanswered {
            Some(id) => Ok(id),
            None => job_id::find(client, given).await?,
        };
        let removed = match found {
            Ok(id) => match client.remove(id).await {
                Err(error) if error.is_unreachable() => {
                    removal.unanswered = Some(id);
                    return Err(error);
                }
                // It was removed, and the answer was lost on its way.
                Err(ClientError::Refused { status: 404, .. }) if removal.unanswered.is_some() => {
                    Ok(id)
                }
                other => other.map(|()| id).map_err(|error| error.to_string()),
            },
            Err(why) => Err(why),
        };
        removal.unanswered = None;
        match removed {
            Ok(id) => say(&format!("job {id} is removed")),
            Err(why) => {
                outcome = Outcome::SomeFailed;
                complain_of(None, &why, Some("`diarist jobs list` shows the ids"));
            }
        }
        removal.open.remove(0);
    }
    Ok(outcome)
}
