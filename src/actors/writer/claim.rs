//! Gives free places to the jobs that are first in line, in the commit of what has brought them there.

use crate::actors::engine::Left;
use crate::domain::Timestamp;
use crate::domain::dispatch::{Lane, deal, rotate};
use crate::domain::ids::TenantId;
use crate::domain::job::Job;
use crate::domain::job_state::Stage;
use crate::store::claims::{self, Line, Wish};
use crate::store::{StoreError, Tx};
use std::collections::BTreeMap;

/// Deals the places out, and what a tenant has no jobs for to the others.
pub async fn claim(
    tx: &mut Tx,
    mut left: Left,
    home: Option<&str>,
    now: Timestamp,
) -> Result<Vec<Job>, StoreError> {
    let mut claimed: Vec<Job> = Vec::new();
    if left.free == 0 {
        return Ok(claimed);
    }
    let mut lines = BTreeMap::<TenantId, Vec<Line>>::new();
    for line in claims::lines_in(tx).await? {
        lines.entry(line.tenant.clone()).or_default().push(line);
    }
    let mut waiting = rotate(lines.keys().cloned().collect(), left.last_served.as_ref());
    while left.free > 0 && !waiting.is_empty() {
        let held: Vec<usize> = waiting.iter().map(|tenant| left.held_by(tenant)).collect();
        let given = deal(left.free, &held);
        let mut want_more = Vec::new();
        for (tenant, given) in waiting.into_iter().zip(given) {
            let any = given.min(left.for_long);
            let mut got = Vec::new();
            for (lanes, most) in [(&Lane::ALL[..], any), (&[Lane::Short][..], given - any)] {
                let (stages, lanes) = where_somebody_waits(&lines[&tenant], lanes);
                let (stages, lanes) = (&stages[..], &lanes[..]);
                let wish = Wish { tenant: &tenant, stages, lanes, most, home };
                got.extend(claims::claim(tx, &left.node, &wish, now).await?);
            }
            got.iter().for_each(|job| left.take(&tenant, job.lane()));
            // Nought given, nought known: it may want what the others leave.
            if got.len() == given {
                want_more.push(tenant);
            }
            claimed.extend(got);
        }
        waiting = want_more;
    }
    Ok(claimed)
}

fn where_somebody_waits(lines: &[Line], lanes: &[Lane]) -> (Vec<Stage>, Vec<Lane>) {
    let has_stage = |stage: &Stage| lines.iter().any(|line| line.stage == *stage);
    let has_lane = |lane: &Lane| lines.iter().any(|line| line.lane == *lane);
    (
        Stage::ALL.into_iter().filter(has_stage).collect(),
        lanes.iter().copied().filter(has_lane).collect(),
    )
}
