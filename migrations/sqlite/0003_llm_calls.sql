-- The books of the language models: every call, written down before it is sent and after it has ended,
-- and what the calls of a job have cost together. Amounts are micro-dollars; null is unknown, not nothing.

create table llm_calls (
    id text not null primary key,
    job_id text not null references jobs (id) on delete cascade,
    tenant text not null,
    step integer not null,
    epoch integer not null,
    provider text not null,
    model text not null,
    template text not null,
    request_hash text not null,
    state text not null,
    answer text,
    failure text,
    input_tokens integer,
    output_tokens integer,
    usd_micros integer,
    planned_at integer not null,
    sent_at integer,
    ended_at integer,
    unique (job_id, step)
) strict;

alter table jobs add column usd_micros integer not null default 0;
alter table jobs add column input_tokens integer not null default 0;
alter table jobs add column output_tokens integer not null default 0;
alter table jobs add column unpriced_calls integer not null default 0;
