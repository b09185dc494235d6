//! What the outside world has seen, and everything that must hold when the dust has settled.

use crate::life::PRICE;
use crate::world::{Halt, World};
use diarist::domain::ids::{Epoch, JobId, NodeId, TenantId};
use diarist::domain::job::Job;
use diarist::domain::job_state::JobState;
use diarist::domain::llm::{CallId, CallState};
use diarist::domain::record::{EventKind, JobEvent};
use diarist::store::{Store, StoreError, chunks, events, jobs, llm_calls};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub struct Ledger {
    /// Every claim that was committed.
    claims: BTreeSet<(JobId, i64)>,
    /// Those that nobody has given back, with their holders.
    open: BTreeMap<(JobId, i64), NodeId>,
    /// Claims that a person has ended; whoever has the job in hand learns of it at the next write.
    revoked: BTreeSet<(JobId, i64)>,
    /// Every call that has left the house.
    called: BTreeMap<JobId, Vec<CallId>>,
}

impl Ledger {
    pub fn claimed(&mut self, node: &NodeId, job: &Job) -> Result<(), Halt> {
        let key = (job.id, job.epoch.0);
        if !self.claims.insert(key) {
            return Err(Halt::Broken(format!("epoch {} of {} was claimed twice", key.1, key.0)));
        }
        self.open.insert(key, node.clone());
        Ok(())
    }

    /// Claims that this node has to give back: its own that it does not hold, and those of whoever has no lease.
    pub fn forsaken(
        &self,
        node: &NodeId,
        holds: impl Fn(JobId) -> bool,
        is_alive: impl Fn(&NodeId) -> bool,
    ) -> Vec<(JobId, Epoch)> {
        let is_left = |(key, holder): &(&(JobId, i64), &NodeId)| match *holder == node {
            true => !holds(key.0),
            false => !is_alive(holder),
        };
        let left = self.open.iter().filter(is_left);
        left.map(|((job, epoch), _)| (*job, Epoch(*epoch))).collect()
    }

    pub fn revoked(&mut self, job: JobId, epoch: Epoch) {
        self.revoked.insert((job, epoch.0));
    }

    pub fn is_revoked(&self, job: &Job) -> bool {
        self.revoked.contains(&(job.id, job.epoch.0))
    }

    pub fn given_back(&mut self, job: JobId, epoch: Epoch) {
        self.open.remove(&(job, epoch.0));
    }

    /// Whether the store still says so.
    pub async fn is_claimed(
        &self,
        store: &Store,
        tenant: &TenantId,
        job: JobId,
        epoch: Epoch,
    ) -> Result<bool, StoreError> {
        let found = jobs::get(store, tenant, job).await?;
        Ok(found.is_some_and(|job| job.epoch == epoch && matches!(job.state, JobState::Running(_))))
    }

    pub fn called(&mut self, job: JobId, call: CallId) -> Result<(), Halt> {
        let calls = self.called.entry(job).or_default();
        if calls.contains(&call) {
            return Err(Halt::Broken(format!("call {call:?} was made twice")));
        }
        calls.push(call);
        Ok(())
    }
}

/// Looks at every job when all of it is over.
pub async fn settle(world: &World<'_>) -> Result<(), String> {
    for id in world.jobs() {
        one(world, id).await.map_err(|why| format!("{id}: {why}"))?;
    }
    Ok(())
}

async fn one(world: &World<'_>, id: JobId) -> Result<(), String> {
    let text = |error: StoreError| error.to_string();
    let (store, tenant) = (world.store, &world.tenant);
    let job = jobs::get(store, tenant, id).await.map_err(text)?.ok_or("it is lost")?;
    let told = events::after(store, tenant, id, 0, 10_000).await.map_err(text)?;
    let numbers: Vec<i64> = told.iter().map(|event| event.seq).collect();
    check(numbers.iter().copied().eq(1..=job.last_seq), || {
        format!("events have a gap: {numbers:?}")
    })?;
    let states: Vec<_> = told.iter().filter(|event| event.kind == EventKind::State).collect();
    fold(&job, &states)?;
    let fractions = told.iter().filter_map(|event| event.data["fraction"].as_f64());
    check(fractions.is_sorted(), || "progress went back".into())?;
    let of = |kind: EventKind| told.iter().filter(move |event| event.kind == kind);
    let chunks = chunks::list(store, tenant, id).await.map_err(text)?;
    let done = chunks.iter().filter(|chunk| chunk.segments.is_some()).count();
    check(job.cpu_ms == done as i64, || "a chunk was committed twice".into())?;
    let ids = of(EventKind::Segment).map(|event| event.data["id"].as_u64().unwrap_or(u64::MAX));
    check(ids.enumerate().all(|(n, id)| n as u64 == id), || "a segment was told twice".into())?;
    if job.state == JobState::Done {
        check(done == chunks.len() && done > 0, || "it is done without all of its text".into())?;
    }
    let calls = llm_calls::list(store, &job).await.map_err(text)?;
    let count = |state: CallState| calls.iter().filter(|call| call.state == state).count();
    check(count(CallState::Settled) <= 1, || "an answer was paid for twice".into())?;
    let (billed, paid) = (job.spent.usd_micros, PRICE * count(CallState::Settled) as i64);
    check(billed == paid, || format!("{billed} on the bill, {paid} in the books"))?;
    let made = world.ledger.called.get(&id).map_or(0, Vec::len);
    let booked = calls.iter().filter(|call| call.state != CallState::Planned).count();
    check(made <= booked, || format!("{made} calls were made, {booked} are in the books"))?;
    check(count(CallState::Settled) + count(CallState::Failed) <= made, || {
        "books of a call that was never made".into()
    })
}

/// The events tell every state once: the last one is the row, and each claim has the next epoch.
fn fold(job: &Job, states: &[&JobEvent]) -> Result<(), String> {
    let last = &states.last().ok_or("no state was told")?.data;
    let row = (job.state.status(), job.epoch.0, job.version);
    let is_row = last["status"] == row.0 && last["epoch"] == row.1 && last["version"] == row.2;
    check(is_row, || format!("the events fold to {last}, and the row is {row:?}"))?;
    let mut epoch = 0;
    for state in states {
        epoch += i64::from(state.data["status"] == "running");
        check(state.data["epoch"] == epoch, || {
            format!("not the epoch of its claim: {}", state.data)
        })?;
    }
    let ends = states.iter().filter(|state| state.data["status"] == "done").count();
    check(ends <= 1, || "it was done twice".into())
}

fn check(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}
