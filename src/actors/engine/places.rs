//! The places of this node: how many jobs it works on at once, who claims them, and who holds a place.
//!
//! The writer takes places with the claims that it commits, and the supervisor of the jobs gives them back. A claim that
//! nobody has begun to work on yet is called off by taking its place away.

use crate::domain::dispatch::Lane;
use crate::domain::ids::{Epoch, JobId, NodeId, TenantId};
use crate::domain::job::Job;
use crate::domain::job_state::JobState;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub struct Places {
    most: usize,
    /// How many of them long recordings may take; the others are kept for short memos.
    most_long: usize,
    taken: Mutex<Taken>,
}

struct Taken {
    /// Who claims. One whose lease has run out claims nothing any more, until it is told its new name.
    node: NodeId,
    by: HashMap<(JobId, Epoch), Place>,
    last_served: Option<TenantId>,
}

struct Place {
    tenant: TenantId,
    lane: Lane,
    /// The end of its claim is being committed: the place is as good as free.
    is_ending: bool,
}

/// What a claim may take.
pub struct Left {
    pub node: NodeId,
    pub free: usize,
    pub for_long: usize,
    held: HashMap<TenantId, usize>,
    pub last_served: Option<TenantId>,
}

/// What a commit that is under way makes of the places. Whatever comes between, an end of the writer as well, all is as
/// it was, unless it is told to last.
pub struct Reserved {
    places: Arc<Places>,
    /// Those of claims that nobody works on yet.
    claims: Vec<(JobId, Epoch)>,
    /// Those of claims that end.
    ends: Vec<(JobId, Epoch)>,
}

impl Reserved {
    /// It is committed: who has stopped gives its place up.
    pub fn leave(&mut self) {
        self.places.give_all(self.ends.drain(..));
    }

    /// The supervisor has the claims from now on.
    pub fn hand_on(mut self) {
        self.claims.clear();
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.places.mark(&self.ends, false);
        self.places.give_all(self.claims.drain(..));
    }
}

impl Places {
    pub(super) fn new(node: NodeId, most: usize, short_places: usize) -> Self {
        let most_long = most - short_places.min(most.saturating_sub(1));
        let taken = Taken { node, by: HashMap::new(), last_served: None };
        Self { most, most_long, taken: Mutex::new(taken) }
    }

    /// Nobody holds a place any more, and whoever claims does so under this name.
    pub fn clear(&self, node: NodeId) {
        let mut taken = self.taken();
        taken.node = node;
        taken.by.clear();
    }

    pub fn node(&self) -> NodeId {
        self.taken().node.clone()
    }

    pub fn are_full(&self) -> bool {
        self.taken().by.values().filter(|place| !place.is_ending).count() >= self.most
    }

    /// What is left once those of these jobs that do not run any more have given their places up.
    pub fn left<'a>(&self, moved: impl Iterator<Item = &'a Job>) -> Left {
        let taken = self.taken();
        let gone: HashSet<_> = moved.filter(|job| has_stopped(job)).map(claim).collect();
        let mut left = Left {
            node: taken.node.clone(),
            free: self.most,
            for_long: self.most_long,
            held: HashMap::new(),
            last_served: taken.last_served.clone(),
        };
        for (claim, place) in &taken.by {
            if !place.is_ending && !gone.contains(claim) {
                left.take(&place.tenant, place.lane);
            }
        }
        left
    }

    /// Each of them has a place from now on.
    pub fn take(&self, claimed: &[Job]) {
        let mut taken = self.taken();
        for job in claimed {
            let place = Place { tenant: job.tenant.clone(), lane: job.lane(), is_ending: false };
            taken.by.insert(claim(job), place);
        }
        if let Some(last) = claimed.last() {
            taken.last_served = Some(last.tenant.clone());
        }
    }

    /// The same for claims that are being committed, and makes known whose claims end with it.
    pub fn reserve<'a>(
        self: &Arc<Self>,
        claimed: &[Job],
        moved: impl Iterator<Item = &'a Job>,
    ) -> Reserved {
        let ends: Vec<_> = moved.filter(|job| has_stopped(job)).map(claim).collect();
        self.mark(&ends, true);
        self.take(claimed);
        Reserved { places: self.clone(), claims: claimed.iter().map(claim).collect(), ends }
    }

    fn mark(&self, claims: &[(JobId, Epoch)], is_ending: bool) {
        let mut taken = self.taken();
        for claim in claims {
            if let Some(place) = taken.by.get_mut(claim) {
                place.is_ending = is_ending;
            }
        }
    }

    /// Gives the place of a claim up; says whether it had one. That of a later claim of the same job stays.
    pub fn give(&self, job: JobId, epoch: Epoch) -> bool {
        self.taken().by.remove(&(job, epoch)).is_some()
    }

    pub fn give_all(&self, claims: impl IntoIterator<Item = (JobId, Epoch)>) {
        let mut taken = self.taken();
        for claim in claims {
            taken.by.remove(&claim);
        }
    }

    /// Takes the place of a job away, whichever claim holds it.
    pub fn revoke(&self, job: JobId) {
        self.taken().by.retain(|(id, _), _| *id != job);
    }

    pub fn is_held(&self, job: JobId, epoch: Epoch) -> bool {
        self.taken().by.contains_key(&(job, epoch))
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Left {
    /// One place less.
    pub fn take(&mut self, tenant: &TenantId, lane: Lane) {
        self.free = self.free.saturating_sub(1);
        if lane == Lane::Long {
            self.for_long = self.for_long.saturating_sub(1);
        }
        *self.held.entry(tenant.clone()).or_default() += 1;
    }

    pub fn held_by(&self, tenant: &TenantId) -> usize {
        self.held.get(tenant).copied().unwrap_or(0)
    }
}

fn claim(job: &Job) -> (JobId, Epoch) {
    (job.id, job.epoch)
}

fn has_stopped(job: &Job) -> bool {
    !matches!(job.state, JobState::Running(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use crate::domain::job_state::Event;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    /// A job that runs under its first claim.
    fn running(tenant: &str, duration_ms: u64) -> Job {
        let events = [Event::Kept, Event::Enqueued(NOW), Event::Leased(Epoch(1))];
        Job::sample(tenant, duration_ms, NOW).after(&events, NOW)
    }

    fn after(job: Job, event: Event) -> Job {
        job.after(&[event], NOW)
    }

    fn places(most: usize, short: usize) -> Arc<Places> {
        Arc::new(Places::new(NodeId("first".to_owned()), most, short))
    }

    #[test]
    fn a_place_is_kept_for_short_memos_and_each_tenant_is_known_by_what_it_holds() {
        let places = places(3, 1);
        places.take(&[running("a", 90_000), running("b", 20_000)]);
        let left = places.left(std::iter::empty());
        assert_eq!((left.free, left.for_long), (1, 1));
        let held = |tenant: &str| left.held_by(&TenantId::from(tenant.to_owned()));
        assert_eq!((held("a"), held("b"), held("c")), (1, 1, 0));
        assert_eq!(left.last_served, Some(TenantId::from("b".to_owned())));
        places.take(&[running("a", 90_000)]);
        assert_eq!(places.left(std::iter::empty()).for_long, 0);
        assert!(places.are_full());
    }

    #[test]
    fn a_step_that_ends_a_claim_leaves_its_place_to_the_next_one() {
        let (places, job) = (places(1, 0), running("a", 20_000));
        places.take(std::slice::from_ref(&job));
        let moved = after(job.clone(), Event::Finished(Epoch(1)));
        assert_eq!(places.left([&job].into_iter()).free, 0, "it runs still");
        assert_eq!(places.left([&moved].into_iter()).free, 1);
        let again = Job { epoch: Epoch(2), ..after(moved.clone(), Event::Leased(Epoch(2))) };
        places.take(std::slice::from_ref(&again));
        assert!(places.is_held(job.id, Epoch(1)), "what does not last takes nothing away");
        places.reserve(&[], [&moved].into_iter()).leave();
        assert!(!places.is_held(job.id, Epoch(1)) && places.is_held(job.id, Epoch(2)));
        assert!(!places.give(job.id, Epoch(1)), "an end that comes late frees nothing");
        assert!(places.give(job.id, Epoch(2)));
    }

    #[test]
    fn what_is_not_handed_on_gives_its_places_back() {
        let (places, job) = (places(1, 0), running("a", 20_000));
        drop(places.reserve(std::slice::from_ref(&job), std::iter::empty()));
        assert!(!places.are_full());
        places.reserve(std::slice::from_ref(&job), std::iter::empty()).hand_on();
        assert!(places.is_held(job.id, Epoch(1)));
    }

    #[test]
    fn the_place_of_an_end_that_is_being_committed_is_left_to_whoever_comes_next() {
        let (places, job) = (places(1, 0), running("a", 20_000));
        places.take(std::slice::from_ref(&job));
        let moved = after(job.clone(), Event::Finished(Epoch(1)));
        let free = || places.left(std::iter::empty()).free;
        let ending = places.reserve(&[], [&moved].into_iter());
        assert_eq!((free(), places.are_full()), (1, false));
        drop(ending);
        assert_eq!((free(), places.are_full()), (0, true), "it has not come to an end");
        let mut ending = places.reserve(&[running("b", 20_000)], [&moved].into_iter());
        assert_eq!(free(), 0, "the next one has it");
        ending.leave();
        ending.hand_on();
        assert!(places.are_full() && !places.is_held(job.id, Epoch(1)));
    }

    #[test]
    fn a_claim_without_its_place_is_called_off() {
        let (places, job) = (places(2, 0), running("a", 20_000));
        places.take(&[job.clone(), running("a", 20_000)]);
        places.revoke(job.id);
        assert!(!places.is_held(job.id, Epoch(1)) && !places.are_full());
        places.clear(NodeId("second".to_owned()));
        assert_eq!(places.left(std::iter::empty()).free, 2);
        assert_eq!(places.node(), NodeId("second".to_owned()));
    }
}
