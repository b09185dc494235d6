-- Everything that migrations/sqlite makes up to 0008, for PostgreSQL. Columns have the same names and decode to the same
-- values: times are epoch milliseconds, ids UUIDv7 text, nested values JSON text, truths 0 and 1. Text is compared byte by
-- byte, as SQLite does, whatever the locale of the database is.

create table jobs (
    id text collate "C" not null primary key,
    tenant text collate "C" not null,
    state text collate "C" not null,
    status text collate "C" not null,
    stage text collate "C",
    attempt bigint not null,
    epoch bigint not null,
    priority bigint not null,
    due_at bigint,
    options text collate "C" not null,
    file_name text collate "C" not null,
    audio text collate "C" not null,
    recorded_at text collate "C",
    language text collate "C",
    model text collate "C" not null,
    fraction double precision not null,
    cpu_ms bigint not null,
    last_seq bigint not null,
    told_chunks bigint not null,
    told_segments bigint not null,
    fingerprint text collate "C" not null,
    hearing text collate "C" not null,
    created_at bigint not null,
    started_at bigint,
    finished_at bigint,
    usd_micros bigint not null default 0,
    input_tokens bigint not null default 0,
    output_tokens bigint not null default 0,
    unpriced_calls bigint not null default 0,
    spoken_at text collate "C" not null default '',
    title text collate "C",
    trashed_at bigint
);

create index jobs_due on jobs (due_at, priority, id) where due_at is not null;
create index jobs_by_tenant on jobs (tenant, id);
create index jobs_by_hearing on jobs (tenant, hearing) where status = 'done';
create index jobs_by_fingerprint on jobs (tenant, fingerprint, id);
create index jobs_by_day on jobs (tenant, spoken_at, id, status) where trashed_at is null;
create index jobs_days on jobs (tenant, substr(spoken_at, 1, 10)) where trashed_at is null;
create index jobs_in_trash on jobs (tenant, spoken_at, id, status) where trashed_at is not null;
create index jobs_by_trashing on jobs (trashed_at) where trashed_at is not null;

create table job_events (
    job_id text collate "C" not null references jobs (id) on delete cascade,
    tenant text collate "C" not null,
    seq bigint not null,
    at bigint not null,
    kind text collate "C" not null,
    payload text collate "C" not null,
    position bigint not null,
    primary key (job_id, seq)
);
create unique index job_events_by_position on job_events (tenant, position);

create table feeds (
    tenant text collate "C" not null primary key,
    last bigint not null
);

create table chunks (
    job_id text collate "C" not null references jobs (id) on delete cascade,
    tenant text collate "C" not null,
    idx bigint not null,
    start_sample bigint not null,
    end_sample bigint not null,
    deaths bigint not null,
    segments text collate "C",
    primary key (job_id, idx)
);

create table gaps (
    job_id text collate "C" not null references jobs (id) on delete cascade,
    tenant text collate "C" not null,
    idx bigint not null,
    start_ms bigint not null,
    end_ms bigint not null,
    reason text collate "C" not null,
    primary key (job_id, idx)
);

create table notes (
    job_id text collate "C" not null primary key references jobs (id) on delete cascade,
    tenant text collate "C" not null,
    note text collate "C" not null,
    created_at bigint not null,
    spoken_at text collate "C" not null default '',
    title text collate "C" not null default '',
    summary text collate "C" not null default '',
    mood text collate "C"
);
create index notes_by_day on notes (tenant, spoken_at, job_id);

create table transcript_versions (
    job_id text collate "C" not null references jobs (id) on delete cascade,
    tenant text collate "C" not null,
    version bigint not null,
    created_at bigint not null,
    edits text collate "C" not null,
    primary key (job_id, version)
);

create table idempotency_keys (
    tenant text collate "C" not null,
    key text collate "C" not null,
    fingerprint text collate "C" not null,
    job_id text collate "C" not null references jobs (id) on delete cascade,
    created_at bigint not null,
    primary key (tenant, key)
);
create index idempotency_keys_by_job on idempotency_keys (job_id);

create table llm_calls (
    id text collate "C" not null primary key,
    job_id text collate "C" not null references jobs (id) on delete cascade,
    tenant text collate "C" not null,
    step bigint not null,
    epoch bigint not null,
    provider text collate "C" not null,
    model text collate "C" not null,
    template text collate "C" not null,
    request_hash text collate "C" not null,
    state text collate "C" not null,
    answer text collate "C",
    failure text collate "C",
    input_tokens bigint,
    output_tokens bigint,
    usd_micros bigint,
    planned_at bigint not null,
    sent_at bigint,
    ended_at bigint,
    unique (job_id, step)
);

create table recordings (
    id text collate "C" not null primary key,
    tenant text collate "C" not null,
    media_type text collate "C" not null,
    recorded_at text collate "C" not null,
    options text collate "C" not null,
    kept_bytes bigint not null,
    refusal text collate "C",
    job_id text collate "C" references jobs (id) on delete cascade,
    created_at bigint not null,
    updated_at bigint not null
);
create index recordings_open on recordings (tenant, id) where job_id is null;
create index recordings_by_job on recordings (job_id) where job_id is not null;

create table removed_jobs (
    job_id text collate "C" not null primary key,
    removed_at bigint not null
);

create table job_tags (
    job_id text collate "C" not null references jobs (id) on delete cascade,
    tenant text collate "C" not null,
    idx bigint not null,
    tag text collate "C" not null,
    is_trashed bigint not null,
    primary key (job_id, tag)
);
create index job_tags_by_tag on job_tags (tenant, is_trashed, tag);
create function job_tags_follow() returns trigger language plpgsql as $$
begin
    update job_tags set is_trashed = case when new.trashed_at is null then 0 else 1 end where job_id = new.id;
    return null;
end
$$;
create trigger jobs_trashed after update of trashed_at on jobs for each row execute function job_tags_follow();

-- What can be found. `words` is made in the program, where letters are folded and words are told apart as SQLite's index does
-- it: no configuration, dictionary or extension of the database has a say.
create table passages (
    id bigint generated always as identity primary key,
    job_id text collate "C" not null references jobs (id) on delete cascade,
    tenant text collate "C" not null,
    source text collate "C" not null,
    start_ms bigint,
    end_ms bigint,
    text text collate "C" not null,
    words tsvector not null
);
create index passages_by_job on passages (job_id);
create index passages_by_words on passages using gin (words) with (fastupdate = off);
