//! Gives free places to the jobs that are first in line, in the commit of what has brought them there.

use super::heads::Heads;
use crate::actors::engine::Left;
use crate::domain::Timestamp;
use crate::domain::dispatch::{Lane, deal, rotate};
use crate::domain::job::Job;
use crate::store::claims::{self, Wish};
use crate::store::{StoreError, Tx};

/// Deals the places out, and what a tenant has no jobs for to the others. Where some are left, nobody is left in line.
pub async fn claim(
    tx: &mut Tx,
    left: &mut Left,
    heads: &mut Heads,
    home: Option<&str>,
    now: Timestamp,
) -> Result<Vec<Job>, StoreError> {
    let mut claimed: Vec<Job> = Vec::new();
    if left.free == 0 {
        return Ok(claimed);
    }
    if !heads.are_known() {
        heads.know(claims::lines_in(tx).await?);
    }
    let mut waiting = rotate(heads.tenants(), left.last_served.as_ref());
    while left.free > 0 && !waiting.is_empty() {
        let held: Vec<usize> = waiting.iter().map(|tenant| left.held_by(tenant)).collect();
        let given = deal(left.free, &held);
        let mut want_more = Vec::new();
        for (tenant, given) in waiting.into_iter().zip(given) {
            let any = given.min(left.for_long);
            let mut got = Vec::new();
            for (lanes, most) in [(&Lane::ALL[..], any), (&[Lane::Short][..], given - any)] {
                if most == 0 {
                    continue;
                }
                let lines = heads.of(&tenant, lanes);
                let wish = Wish { tenant: &tenant, heads: &lines, most, home };
                let some = claims::claim(tx, &left.node, &wish, now).await?;
                heads.advance(&tenant, &lines, &some, most);
                got.extend(some);
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
