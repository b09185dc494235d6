//! How to have something written, and to know when it is durable.

use super::messages::WriterMsg;
use crate::actors::supervise::{Post, Reply, SendError};
use crate::domain::job::Job;
use crate::store::StoreError;
use crate::store::arrivals::{Arrival, Arrived};
use crate::store::transitions::Transition;
use tokio::sync::oneshot;

/// Saves a transition. Whoever does so works on a job that was accepted, and is never refused as too many.
pub async fn save(writer: &Post<WriterMsg>, step: Transition) -> Result<Job, StoreError> {
    let (tell, told) = oneshot::channel();
    let reply = Reply::new(move |outcome| drop(tell.send(outcome)));
    // Refused, the message is dropped, which answers the wait.
    let _ = writer.report(WriterMsg::Save(Box::new(step), reply));
    told.await.ok().flatten().unwrap_or(Err(StoreError::Unanswered))
}

/// Writes a new job down. `decided` is called with the outcome even when nobody waits for it any more.
pub async fn arrive(
    writer: &Post<WriterMsg>,
    arrival: Arrival,
    decided: impl FnOnce(&Result<Arrived, StoreError>) + Send + 'static,
) -> Result<Result<Arrived, StoreError>, SendError> {
    let (tell, told) = oneshot::channel();
    let reply = Reply::new(move |outcome: Option<Result<Arrived, StoreError>>| {
        let outcome = outcome.unwrap_or(Err(StoreError::Unanswered));
        decided(&outcome);
        drop(tell.send(outcome));
    });
    writer.send(WriterMsg::Arrive(Box::new(arrival), reply))?;
    Ok(told.await.unwrap_or(Err(StoreError::Unanswered)))
}
