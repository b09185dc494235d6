//! New jobs, as many as have come in one statement: looked for, and only then written with their first events.

use super::creation::{create_all, remember_key};
use super::database::Tx;
use super::dialect::Dialect;
use super::dialect::Kind::{self, Text};
use super::error::StoreError;
use super::row::{job_columns, to_job};
use super::trash;
use super::values::values;
use crate::domain::Timestamp;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::job_state::JobState;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::collections::{HashMap, HashSet};

/// A job that wants to be written down.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub(super) job: Job,
    /// What its first events tell; it stands in the last one.
    pub(super) states: Vec<JobState>,
    /// What makes two uploads the same.
    pub(super) fingerprint: String,
    /// What its sender calls this very upload.
    pub key: Option<String>,
    /// It is a job of its own, whatever is there already.
    pub is_forced: bool,
    /// The data folder that holds its recording, where there are several.
    pub home: Option<String>,
}

/// What has become of an arrival.
#[derive(Debug, Clone)]
pub enum Arrived {
    New(Job),
    /// It is there already.
    Known(Job),
    /// Its key was used for something else.
    KeyReused,
}

impl Arrived {
    /// The job that it is now.
    pub fn job(&self) -> Option<&Job> {
        match self {
            Self::New(job) | Self::Known(job) => Some(job),
            Self::KeyReused => None,
        }
    }
}

impl Arrival {
    /// A job that has come through these states; with none, it is as it is.
    pub fn new(job: Job, mut states: Vec<JobState>, fingerprint: String) -> Self {
        if states.is_empty() {
            states.push(job.state.clone());
        }
        let state = states.last().unwrap_or(&job.state).clone();
        let told = states.len() as i64;
        let job = Job { state, version: told, last_seq: told, ..job };
        Self { job, states, fingerprint, key: None, is_forced: false, home: None }
    }

    pub fn id(&self) -> JobId {
        self.job.id
    }

    /// By what it may meet another one.
    fn names(&self) -> Vec<Name<'_>> {
        let tenant = &self.job.tenant;
        let key = self.key.as_deref().map(|key| Name::Key(tenant, key));
        key.into_iter().chain([Name::Upload(tenant, &self.fingerprint)]).collect()
    }
}

/// What an upload is known by.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Name<'a> {
    Key(&'a TenantId, &'a str),
    Upload(&'a TenantId, &'a str),
}

/// Writes down those that are new. A known one is taken out of the trash: whoever sends it again wants to have it again.
pub async fn take_all(
    tx: &mut Tx,
    arrivals: &[Arrival],
    now: Timestamp,
) -> Result<Vec<Arrived>, StoreError> {
    let mut outcomes: Vec<Option<Arrived>> = arrivals.iter().map(|_| None).collect();
    let mut open: Vec<usize> = (0..arrivals.len()).collect();
    while !open.is_empty() {
        // Whatever has a name in common with an earlier one waits for the next round, and finds it there.
        let mut named = HashSet::new();
        let (round, later): (Vec<usize>, Vec<usize>) = open.into_iter().partition(|&n| {
            let names = arrivals[n].names();
            let is_first = names.iter().all(|name| !named.contains(name));
            named.extend(names);
            is_first
        });
        for (n, outcome) in take_round(tx, arrivals, &round, now).await? {
            outcomes[n] = Some(outcome);
        }
        open = later;
    }
    Ok(outcomes.into_iter().flatten().collect())
}

async fn take_round(
    tx: &mut Tx,
    arrivals: &[Arrival],
    round: &[usize],
    now: Timestamp,
) -> Result<Vec<(usize, Arrived)>, StoreError> {
    let asked = || round.iter().map(|&n| &arrivals[n]);
    let known = Known::look(tx, asked()).await?;
    let mut outcomes = Vec::new();
    let mut new = Vec::new();
    for &n in round {
        let arrival = &arrivals[n];
        let outcome = match known.find(arrival) {
            None => {
                new.push(n);
                continue;
            }
            Some(Arrived::Known(job)) => {
                if let Some(key) = arrival.key.as_ref().filter(|_| !known.has_key(arrival)) {
                    remember_key(tx, &job, key, &arrival.fingerprint).await?;
                }
                Arrived::Known(trash::set(tx, &job, None, now).await?)
            }
            Some(outcome) => outcome,
        };
        outcomes.push((n, outcome));
    }
    let written: Vec<Arrival> = new.iter().map(|&n| arrivals[n].clone()).collect();
    create_all(tx, &written, now).await?;
    outcomes.extend(new.into_iter().zip(&written).map(|(n, it)| (n, Arrived::New(it.job.clone()))));
    Ok(outcomes)
}

/// What is there already of what a round of arrivals may meet.
#[derive(Default)]
struct Known {
    /// With the upload that each key was used for.
    by_key: HashMap<(TenantId, String), (String, Job)>,
    by_upload: HashMap<(TenantId, String), Job>,
}

impl Known {
    /// Looks for all of them at once; nobody else looks for the same before this transaction ends.
    async fn look<'a>(
        tx: &mut Tx,
        asked: impl Iterator<Item = &'a Arrival>,
    ) -> Result<Self, StoreError> {
        let (mut keys, mut uploads, mut alone) = (Vec::new(), Vec::new(), Vec::new());
        for arrival in asked {
            let tenant = arrival.job.tenant.as_str();
            if let Some(key) = &arrival.key {
                keys.push(json!([tenant, key]));
                alone.push(format!("key {tenant} {key}"));
            }
            if !arrival.is_forced {
                uploads.push(json!([tenant, arrival.fingerprint]));
                alone.push(format!("upload {tenant} {}", arrival.fingerprint));
            }
        }
        tx.alone(&alone).await?;
        let mut known = Self::default();
        if alone.is_empty() {
            return Ok(known);
        }
        let sql = AssertSqlSafe(known_sql(tx.dialect()));
        let values = values![Value::from(keys).to_string(), Value::from(uploads).to_string()];
        for row in tx.fetch_all("look for jobs that are there already", sql, values).await? {
            let job = to_job(&row)?;
            let (key, fingerprint): (Option<String>, String) = (row.get("key")?, row.get("print")?);
            match key {
                Some(key) => {
                    drop(known.by_key.insert((job.tenant.clone(), key), (fingerprint, job)))
                }
                None => drop(known.by_upload.insert((job.tenant.clone(), fingerprint), job)),
            }
        }
        Ok(known)
    }

    /// What becomes of one that is there already. A key says more than what is sent under it.
    fn find(&self, arrival: &Arrival) -> Option<Arrived> {
        if let Some((used_for, job)) = self.of_key(arrival) {
            let is_same = *used_for == arrival.fingerprint;
            return Some(if is_same { Arrived::Known(job.clone()) } else { Arrived::KeyReused });
        }
        if arrival.is_forced {
            return None;
        }
        let upload = (arrival.job.tenant.clone(), arrival.fingerprint.clone());
        self.by_upload.get(&upload).cloned().map(Arrived::Known)
    }

    fn has_key(&self, arrival: &Arrival) -> bool {
        self.of_key(arrival).is_some()
    }

    fn of_key(&self, arrival: &Arrival) -> Option<&(String, Job)> {
        self.by_key.get(&(arrival.job.tenant.clone(), arrival.key.clone()?))
    }
}

const ASKED: [(&str, Kind); 2] = [("tenant", Text), ("name", Text)];

/// The jobs of the keys of `$1`, and the newest job of each upload of `$2` that has not ended badly.
///
/// Uploads are looked for by what was sent, which few others are. The tenant and the id by themselves would each offer an
/// index of their own, and a planner that knows of no rows takes any.
pub(super) fn known_sql(dialect: Dialect) -> String {
    let (jobs, keys, uploads) =
        (job_columns(), dialect.rows("$1", &ASKED), dialect.rows("$2", &ASKED));
    format!(
        "select {jobs}, keys.key as key, keys.fingerprint as print from {keys} as asked \
         join idempotency_keys keys on keys.tenant = asked.tenant and keys.key = asked.name \
         join jobs on jobs.id = keys.job_id \
         union all select {jobs}, null, asked.name from {uploads} as asked join jobs on jobs.id = \
         (select max(same.id || '') from jobs same where same.fingerprint = asked.name \
         and same.tenant || '' = asked.tenant and same.status not in ('failed', 'cancelled'))"
    )
}
