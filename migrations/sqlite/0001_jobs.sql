-- Jobs, their events, the chunks of their sound, their notes. Times are epoch milliseconds in UTC,
-- ids UUIDv7 text, nested values JSON text. Every row has its tenant.

create table jobs (
    id text not null primary key,
    tenant text not null,
    state text not null,
    status text not null,
    stage text,
    attempt integer not null,
    epoch integer not null,
    priority integer not null,
    due_at integer,
    options text not null,
    file_name text not null,
    audio text not null,
    recorded_at text,
    language text,
    model text not null,
    fraction real not null,
    cpu_ms integer not null,
    last_seq integer not null,
    told_chunks integer not null,
    told_segments integer not null,
    fingerprint text not null,
    hearing text not null,
    created_at integer not null,
    started_at integer,
    finished_at integer
) strict;

create index jobs_due on jobs (due_at, priority, id) where due_at is not null;
create index jobs_by_tenant on jobs (tenant, id);
create index jobs_by_hearing on jobs (tenant, hearing) where status = 'done';
create index jobs_by_fingerprint on jobs (tenant, fingerprint, id);

create table job_events (
    job_id text not null references jobs (id) on delete cascade,
    tenant text not null,
    seq integer not null,
    at integer not null,
    kind text not null,
    payload text not null,
    primary key (job_id, seq)
) strict, without rowid;

create table chunks (
    job_id text not null references jobs (id) on delete cascade,
    tenant text not null,
    idx integer not null,
    start_sample integer not null,
    end_sample integer not null,
    deaths integer not null,
    segments text,
    primary key (job_id, idx)
) strict, without rowid;

create table notes (
    job_id text not null primary key references jobs (id) on delete cascade,
    tenant text not null,
    note text not null,
    created_at integer not null
) strict;

create table idempotency_keys (
    tenant text not null,
    key text not null,
    fingerprint text not null,
    job_id text not null references jobs (id) on delete cascade,
    created_at integer not null,
    primary key (tenant, key)
) strict;
