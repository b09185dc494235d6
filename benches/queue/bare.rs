//! The statements alone, one after the other, with nothing of the engine around them.

use crate::made::arrival;
use crate::rig::Spread;
use diarist::clock;
use diarist::domain::dispatch::Lane;
use diarist::domain::ids::{NodeId, TenantId};
use diarist::domain::job::Job;
use diarist::domain::job_state::Event;
use diarist::store::arrivals::{self, Arrival};
use diarist::store::claims::{self, Head, Wish};
use diarist::store::transitions::{self, Guard, Transition};
use diarist::store::{Store, nodes};
use std::time::Duration;

const COMMITS: usize = 2_000;

/// How long two transactions take that do nothing but bring a job in, and claim it.
pub async fn two_commits(store: &Store) -> Spread {
    let node = node(store).await;
    let (mut times, mut claimed) = (Vec::new(), Vec::new());
    for _ in 0..COMMITS {
        let began = clock::tick();
        take(store, &[arrival(1)]).await;
        claimed.extend(claim(store, &node, 1).await);
        times.push(began.elapsed());
    }
    // Whoever comes after finds nothing that was left.
    end(store, claimed).await;
    Spread::of(times)
}

/// Seconds for so many jobs, brought in, claimed and ended `at_once` at a time.
pub async fn lifecycles(store: &Store, jobs: usize, at_once: usize) -> f64 {
    let node = node(store).await;
    let began = clock::tick();
    let mut done = 0;
    while done < jobs {
        let few: Vec<Arrival> = (0..at_once.min(jobs - done)).map(|_| arrival(1)).collect();
        take(store, &few).await;
        let claimed = claim(store, &node, few.len()).await;
        assert_eq!(claimed.len(), few.len());
        end(store, claimed).await;
        done += few.len();
    }
    began.elapsed().as_secs_f64()
}

async fn end(store: &Store, claimed: Vec<Job>) {
    let steps: Vec<Transition> = claimed.into_iter().map(finish).collect();
    let mut tx = store.write().await.unwrap();
    let saved = transitions::save_all(&mut tx, &steps).await.unwrap();
    tx.commit().await.unwrap();
    assert!(saved.iter().all(Result::is_ok));
}

fn finish(job: Job) -> Transition {
    let now = clock::now();
    let next = job.state.clone().apply(Event::Finished(job.epoch), now).unwrap().next;
    Transition { job, next, guard: Guard::Held, at: now }
}

pub async fn take(store: &Store, few: &[Arrival]) {
    let mut tx = store.write().await.unwrap();
    arrivals::take_all(&mut tx, few, clock::now()).await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn claim(store: &Store, node: &NodeId, most: usize) -> Vec<Job> {
    let tenant = TenantId::local();
    let wish = Wish { tenant: &tenant, heads: &Head::all(&Lane::ALL), most, home: None };
    let mut tx = store.write().await.unwrap();
    let claimed = claims::claim(&mut tx, node, &wish, clock::now()).await.unwrap();
    tx.commit().await.unwrap();
    claimed
}

/// One that may claim.
pub async fn node(store: &Store) -> NodeId {
    let node = NodeId(uuid::Uuid::now_v7().to_string());
    let mut tx = store.write().await.unwrap();
    nodes::begin(&mut tx, &node, "bench", Duration::from_secs(3_600)).await.unwrap();
    tx.commit().await.unwrap();
    node
}
