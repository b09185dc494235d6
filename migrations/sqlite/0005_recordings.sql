-- Recordings that arrive while they are being made. Their bytes are in the data folder: `kept_bytes` says how many of them
-- count, whatever more the file may hold. A recording with a job is finished, and goes when its job goes.

create table recordings (
    id text not null primary key,
    tenant text not null,
    media_type text not null,
    recorded_at text not null,
    options text not null,
    kept_bytes integer not null,
    refusal text,
    job_id text references jobs (id) on delete cascade,
    created_at integer not null,
    updated_at integer not null
) strict;

create index recordings_open on recordings (tenant, id) where job_id is null;
create index recordings_by_job on recordings (job_id) where job_id is not null;
