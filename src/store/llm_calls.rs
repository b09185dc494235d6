//! The books of the language models: a call is written down before it is sent, and again when it has ended.
//!
//! That a call was made is a fact about the world: how it ended and what it cost is written down even where the job has
//! moved on meanwhile, so that the bill of a job is always the sum of its calls. Whatever else is fenced by its epoch.

use super::database::{Store, Tx};
use super::error::StoreError;
use super::events;
use super::jobs;
use super::row::{to_json, to_spent, to_time};
use super::values::{Row, values};
use crate::domain::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::ids::{Epoch, JobId};
use crate::domain::job::Job;
use crate::domain::llm::{Call, CallId, CallKey, CallState, ProviderId, Usage};
use crate::domain::record::EventKind;
use serde_json::json;

/// How a call has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending<'a> {
    pub outcome: Result<&'a str, &'a Failure>,
    /// What the provider says was used, of a failed call as well.
    pub usage: Option<Usage>,
    /// `None` where nobody knows what it cost; a call that was refused at the door cost nothing.
    pub usd_micros: Option<i64>,
}

/// Writes down that a call is about to be made. Fenced by the job's epoch.
pub async fn plan(
    tx: &mut Tx,
    job: &Job,
    id: CallId,
    key: &CallKey,
    now: Timestamp,
) -> Result<(), StoreError> {
    let done = tx
        .execute(
            "plan a call",
            "insert into llm_calls (id, job_id, tenant, step, epoch, provider, model, \
             template, request_hash, state, planned_at) select $1, id, tenant, (select \
             coalesce(max(step), 0) + 1 from llm_calls where job_id = $2), epoch, $4, $5, $6, \
             $7, $8, $9 from jobs where id = $2 and epoch = $3 and status = 'running'",
            values![
                id.0.to_string(),
                job.id,
                job.epoch,
                key.provider.as_str(),
                &key.model,
                &key.template,
                &key.hash,
                CallState::Planned.as_str(),
                now
            ],
        )
        .await?;
    match done {
        0 => Err(StoreError::StaleEpoch { job: job.id }),
        _ => Ok(()),
    }
}

/// The last write before the request leaves. Fenced: a call of a job that has moved on is not made.
pub async fn send(tx: &mut Tx, job: &Job, id: CallId, now: Timestamp) -> Result<(), StoreError> {
    let done = tx
        .execute(
            "mark a call as sent",
            "update llm_calls set state = $3, sent_at = $4 where id = $1 and state = $5 and \
             exists (select 1 from jobs where jobs.id = llm_calls.job_id and jobs.epoch = $2 \
             and jobs.status = 'running')",
            values![
                id.0.to_string(),
                job.epoch,
                CallState::Sent.as_str(),
                now,
                CallState::Planned.as_str()
            ],
        )
        .await?;
    match done {
        0 => Err(StoreError::StaleEpoch { job: job.id }),
        _ => Ok(()),
    }
}

/// Writes down how a call has ended, and puts it on the job's bill, also where the job has moved on.
pub async fn settle(
    tx: &mut Tx,
    job: &Job,
    id: CallId,
    ending: &Ending<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (state, answer, failure) = match ending.outcome {
        Ok(answer) => (CallState::Settled, Some(answer), None),
        Err(why) => (CallState::Failed, None, Some(to_json("failure", why)?)),
    };
    for former in [CallState::Sent, CallState::Uncertain] {
        let row = tx
            .fetch_optional(
                "settle a call",
                "update llm_calls set state = $2, answer = $3, failure = $4, input_tokens = $5, \
                 output_tokens = $6, usd_micros = $7, ended_at = $8 where id = $1 and state = $9 \
                 returning provider, model, state",
                values![
                    id.0.to_string(),
                    state.as_str(),
                    answer,
                    failure.as_deref(),
                    ending.usage.map(|usage| usage.input_tokens.cast_signed()),
                    ending.usage.map(|usage| usage.output_tokens.cast_signed()),
                    ending.usd_micros,
                    now,
                    former.as_str()
                ],
            )
            .await?;
        if let Some(row) = row {
            return bill(tx, job, (former, &row), ending, now).await;
        }
    }
    Ok(())
}

/// Marks what was sent and never came back; what had not left yet is forgotten. Fenced by the job's epoch.
pub async fn lose_open(tx: &mut Tx, job: &Job, now: Timestamp) -> Result<(), StoreError> {
    let job = &jobs::hold(tx, job).await?;
    tx.execute(
        "forget planned calls",
        "delete from llm_calls where job_id = $1 and state = $2",
        values![job.id, CallState::Planned.as_str()],
    )
    .await?;
    let rows = tx
        .fetch_all(
            "mark lost calls",
            "update llm_calls set state = $2, ended_at = $3 where job_id = $1 and state = $4 \
             returning provider, model, state",
            values![job.id, CallState::Uncertain.as_str(), now, CallState::Sent.as_str()],
        )
        .await?;
    let unknown = Failure::retry("llm_uncertain", "interrupted; it may have been billed", "");
    let ending = Ending { outcome: Err(&unknown), usage: None, usd_micros: None };
    for row in rows {
        bill(tx, job, (CallState::Sent, &row), &ending, now).await?;
    }
    Ok(())
}

/// A person gives the job another chance: what has failed before counts no more, what was paid for stays.
pub async fn forgive(tx: &mut Tx, job: JobId) -> Result<(), StoreError> {
    tx.execute(
        "forgive failed calls",
        "update llm_calls set request_hash = '' where job_id = $1 \
         and state in ('failed', 'uncertain')",
        values![job],
    )
    .await?;
    Ok(())
}

/// All calls of a job, in the order in which they were planned.
pub async fn list(store: &Store, job: &Job) -> Result<Vec<Call>, StoreError> {
    let rows = store
        .reader()
        .fetch_all(
            "list the calls of a job",
            "select id, epoch, provider, model, template, request_hash, state, answer, \
             failure, ended_at from llm_calls where job_id = $1 and tenant = $2 order by step",
            values![job.id, &job.tenant],
        )
        .await?;
    rows.iter().map(to_call).collect()
}

/// Adds a call to the job's bill, and tells it. A job that was removed has none.
async fn bill(
    tx: &mut Tx,
    job: &Job,
    (former, call): (CallState, &Row),
    ending: &Ending<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let usage = ending.usage.unwrap_or_default();
    // One that was given up as lost is on the bill already, as one of which nobody knows the price.
    let counted = i64::from(former == CallState::Uncertain);
    let row = tx
        .fetch_optional(
            "bill a call",
            "update jobs set usd_micros = usd_micros + $2, input_tokens = input_tokens + $3, \
             output_tokens = output_tokens + $4, unpriced_calls = unpriced_calls + $5, \
             last_seq = last_seq + 1 where id = $1 returning last_seq, usd_micros, input_tokens, \
             output_tokens, unpriced_calls",
            values![
                job.id,
                ending.usd_micros.unwrap_or(0),
                usage.input_tokens.cast_signed(),
                usage.output_tokens.cast_signed(),
                i64::from(ending.usd_micros.is_none()) - counted
            ],
        )
        .await?;
    let Some(row) = row else { return Ok(()) };
    let text = |name: &str| call.get::<String>(name);
    let data = json!({
        "provider": text("provider")?,
        "model": text("model")?,
        "state": text("state")?,
        "input_tokens": ending.usage.map(|usage| usage.input_tokens),
        "output_tokens": ending.usage.map(|usage| usage.output_tokens),
        "usd_micros": ending.usd_micros,
        "error": ending.outcome.err().map(|why| json!({ "code": why.code, "message": why.message })),
        "total": to_spent(&row)?,
    });
    let seq = row.get("last_seq")?;
    events::append(tx, job, seq, now, EventKind::Cost, &data);
    Ok(())
}

fn to_call(row: &Row) -> Result<Call, StoreError> {
    let text = |column: &str| row.get::<String>(column);
    let broken = |column: &str, value: &str| StoreError::Column {
        reason: format!("{column} {value} of a call"),
    };
    let (id, provider, state) = (text("id")?, text("provider")?, text("state")?);
    let failure: Option<String> = row.get("failure")?;
    let ended_at: Option<i64> = row.get("ended_at")?;
    Ok(Call {
        id: CallId(id.parse().map_err(|_| broken("id", &id))?),
        key: CallKey {
            provider: ProviderId::parse(&provider).ok_or_else(|| broken("provider", &provider))?,
            model: text("model")?,
            template: text("template")?,
            hash: text("request_hash")?,
        },
        epoch: Epoch(row.get("epoch")?),
        state: CallState::parse(&state).ok_or_else(|| broken("state", &state))?,
        answer: row.get("answer")?,
        failure: failure
            .map(|json| serde_json::from_str(&json))
            .transpose()
            .map_err(StoreError::decode("failure"))?,
        ended_at: ended_at.map(to_time).transpose()?,
    })
}
