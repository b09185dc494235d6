//! Finishes open recordings that nobody has written to for long, and discards those that hold nothing.

use crate::actors::engine::{EngineError, Shared, capture};
use crate::clock;
use crate::domain::Timestamp;
use crate::domain::recording::Recording;
use crate::store::recordings;
use crate::telemetry::chain;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    pub finished: u32,
    pub discarded: u32,
    /// Could not become jobs as they are; they wait for a person.
    pub refused: u32,
    /// Could not be dealt with this time.
    pub left: u32,
}

enum Outcome {
    Finished,
    Discarded,
    /// Somebody is at it, or was a moment ago.
    InUse,
}

pub async fn sweep(shared: &Shared) -> Swept {
    let mut swept = Swept::default();
    let Some(before) = clock::now().checked_sub_signed(idle(shared)) else { return swept };
    let open = match recordings::all_open(&shared.store).await {
        Ok(open) => open,
        Err(error) => {
            tracing::error!(error = chain(&error), "cannot look for idle recordings");
            return swept;
        }
    };
    for recording in open.iter().filter(|recording| is_left(recording, before)) {
        let id = recording.id;
        match end(shared, recording, before).await {
            Ok(Outcome::Finished) => swept.finished += 1,
            Ok(Outcome::Discarded) => swept.discarded += 1,
            Ok(Outcome::InUse) => {}
            Err(EngineError::Recording(why)) => {
                tracing::info!(recording = %id, code = why.code, "an idle recording is refused");
                swept.refused += 1;
            }
            Err(error) => {
                let error = chain(&error);
                tracing::warn!(recording = %id, error, "an idle recording cannot be finished yet");
                swept.left += 1;
            }
        }
    }
    swept
}

fn idle(shared: &Shared) -> chrono::TimeDelta {
    let idle = shared.config.recording.idle_finish();
    chrono::TimeDelta::from_std(idle).unwrap_or(chrono::TimeDelta::MAX)
}

/// One that was refused waits for its person, who may send more of it.
fn is_left(recording: &Recording, before: Timestamp) -> bool {
    recording.job.is_none() && recording.refusal.is_none() && recording.updated_at <= before
}

async fn end(
    shared: &Shared,
    recording: &Recording,
    before: Timestamp,
) -> Result<Outcome, EngineError> {
    let Some(_turn) = shared.turns.try_take(recording.id) else { return Ok(Outcome::InUse) };
    let recording = match capture::look(shared, &recording.tenant, recording.id).await {
        Ok(recording) if is_left(&recording, before) => recording,
        Ok(_) | Err(EngineError::UnknownRecording { .. }) => return Ok(Outcome::InUse),
        Err(error) => return Err(error),
    };
    if recording.offset == 0 {
        capture::discard_now(shared, &recording).await?;
        return Ok(Outcome::Discarded);
    }
    capture::finish_now(shared, recording).await?;
    Ok(Outcome::Finished)
}
