-- The stretches of a recording that could not be heard, in the order of time.

create table gaps (
    job_id text not null references jobs (id) on delete cascade,
    tenant text not null,
    idx integer not null,
    start_ms integer not null,
    end_ms integer not null,
    reason text not null,
    primary key (job_id, idx)
) strict, without rowid;
