-- The events of all jobs of a tenant as one row of positions: 1, 2, 3, … in the order in which they were committed.
-- The last position is counted here and not looked up: events go with their job, and no position is ever used twice.

create table feeds (
    tenant text not null primary key,
    last integer not null
) strict;

alter table job_events add column position integer not null default 0;

update job_events set position = ranked.position
from (
    select job_id, seq, row_number() over (partition by tenant order by at, job_id, seq) as position from job_events
) as ranked
where ranked.job_id = job_events.job_id and ranked.seq = job_events.seq;

insert into feeds (tenant, last) select tenant, max(position) from job_events group by tenant;

create unique index job_events_by_position on job_events (tenant, position);
