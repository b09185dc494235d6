//! Where each line begins, as far as this node knows: what it has put into the lines and taken from them, since it last
//! looked at all of them.

use crate::domain::Timestamp;
use crate::domain::dispatch::Lane;
use crate::domain::ids::TenantId;
use crate::domain::job::Job;
use crate::domain::job_state::{JobState, Stage};
use crate::store::claims::{Head, Line};
use std::collections::BTreeMap;

/// The lines in which somebody may wait, and since when at the earliest. Nobody knows of any before the first look.
#[derive(Debug, Default)]
pub struct Heads(Option<BTreeMap<TenantId, Lines>>);

type Lines = BTreeMap<(Stage, Lane), Timestamp>;

impl Heads {
    /// Others may have changed the lines, or what was done to them is undone.
    pub fn forget(&mut self) {
        self.0 = None;
    }

    pub fn are_known(&self) -> bool {
        self.0.is_some()
    }

    /// These are all the lines that there are.
    pub fn know(&mut self, lines: Vec<Line>) {
        let mut heads = BTreeMap::<TenantId, Lines>::new();
        for Line { tenant, stage, lane } in lines {
            heads.entry(tenant).or_default().insert((stage, lane), Timestamp::MIN_UTC);
        }
        self.0 = Some(heads);
    }

    /// One that waits now, unless it is not due yet.
    pub fn join(&mut self, job: &Job, now: Timestamp) {
        if let (Some(heads), JobState::Queued(queued)) = (&mut self.0, &job.state)
            && queued.not_before <= now
        {
            let line = (queued.work.stage, job.lane());
            let lines = heads.entry(job.tenant.clone()).or_default();
            let since = lines.entry(line).or_insert(job.line_at);
            *since = job.line_at.min(*since);
        }
    }

    /// Where these jobs were claimed by a wish for `most`, nobody waits any more before the last of them; nobody at all
    /// where there were fewer.
    pub fn advance(&mut self, tenant: &TenantId, looked_at: &[Head], claimed: &[Job], most: usize) {
        let Some(heads) = &mut self.0 else { return };
        let Some(lines) = heads.get_mut(tenant) else { return };
        let last = claimed.last().filter(|_| claimed.len() == most);
        for head in looked_at {
            let line = (head.stage, head.lane);
            match last {
                Some(last) => drop(lines.insert(line, last.line_at.max(head.since))),
                None => drop(lines.remove(&line)),
            }
        }
        if lines.is_empty() {
            heads.remove(tenant);
        }
    }

    /// Whose jobs may wait.
    pub fn tenants(&self) -> Vec<TenantId> {
        self.0.iter().flat_map(BTreeMap::keys).cloned().collect()
    }

    /// The lines of a tenant in these lanes.
    pub fn of(&self, tenant: &TenantId, lanes: &[Lane]) -> Vec<Head> {
        let known = self.0.iter().filter_map(|heads| heads.get(tenant)).flatten();
        let heads = known.map(|(&(stage, lane), &since)| Head { stage, lane, since });
        heads.filter(|head| lanes.contains(&head.lane)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::job_state::Event;
    use chrono::TimeDelta;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    /// A short memo that came in at `minutes`, and shall not begin before `not_before`.
    fn queued(minutes: i64, not_before: Timestamp) -> Job {
        let events = [Event::Kept, Event::Enqueued(not_before)];
        Job::sample("a", 20_000, at(minutes)).after(&events, at(minutes))
    }

    fn known(lines: Vec<Line>) -> Heads {
        let mut heads = Heads::default();
        heads.know(lines);
        heads
    }

    fn since(heads: &Heads) -> Vec<Timestamp> {
        let all = heads.of(&TenantId::from("a".to_owned()), &Lane::ALL);
        all.iter().map(|head| head.since).collect()
    }

    #[test]
    fn a_line_begins_with_the_first_who_has_joined_it() {
        let mut heads = known(Vec::new());
        heads.join(&queued(5, at(5)), at(9));
        heads.join(&queued(3, at(3)), at(9));
        heads.join(&queued(4, at(4)), at(9));
        heads.join(&queued(1, at(10)), at(9));
        assert_eq!(since(&heads), [at(3)], "what is not due yet stands in no line");
        assert!(heads.of(&TenantId::from("a".to_owned()), &[Lane::Long]).is_empty());
        assert!(since(&known(Vec::new())).is_empty());
    }

    #[test]
    fn a_claim_that_finds_enough_moves_the_head_and_one_that_does_not_ends_the_line() {
        let tenant = TenantId::from("a".to_owned());
        let line = Line { tenant: tenant.clone(), stage: Stage::Transcribe, lane: Lane::Short };
        let mut heads = known(vec![line]);
        let looked_at = heads.of(&tenant, &Lane::ALL);
        heads.advance(&tenant, &looked_at, &[queued(3, at(3)), queued(4, at(4))], 2);
        assert_eq!(since(&heads), [at(4)], "another one of the same moment may be there");
        heads.join(&queued(2, at(2)), at(9));
        assert_eq!(since(&heads), [at(2)], "one that comes back stands before the others");
        let looked_at = heads.of(&tenant, &Lane::ALL);
        heads.advance(&tenant, &looked_at, &[queued(2, at(2))], 2);
        assert!(heads.tenants().is_empty());
    }

    #[test]
    fn what_is_forgotten_is_looked_for() {
        let mut heads = known(Vec::new());
        assert!(heads.are_known());
        heads.forget();
        heads.join(&queued(3, at(3)), at(9));
        assert!(!heads.are_known() && heads.tenants().is_empty());
    }
}
