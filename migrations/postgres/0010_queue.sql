-- The queue. A job waits for a claim exactly while it has a `turn_at`: its place in line, `line_at`, once it is due.
-- `lane` is 0 for a short memo and 1 for a long recording; `node` is who has claimed it.

alter table jobs add column line_at bigint not null default 0;
alter table jobs add column turn_at bigint;
alter table jobs add column lane bigint not null default 1;
alter table jobs add column node text collate "C";
-- When its progress was told last.
alter table jobs add column progress_at bigint;
-- Why it failed, or what it waits for: failed jobs are looked for by it.
alter table jobs add column error_code text collate "C";

-- What waits is put into the line at the first look; what ran is given back when the node starts.
update jobs set line_at = created_at + priority * 600000,
    lane = case when (audio::json ->> 'duration_ms')::bigint <= 60000 then 0 else 1 end;
update jobs set due_at = null where status = 'running';
update jobs set error_code = state::json -> 'why' ->> 'code' where status in ('failed', 'parked');

drop index if exists jobs_due;
create index jobs_in_line on jobs (stage, tenant, lane, turn_at, id) where turn_at is not null;
create index jobs_by_wait on jobs (due_at) where turn_at is not null;
create index jobs_unfinished on jobs (tenant) where due_at is not null;
create index jobs_to_wake on jobs (due_at) where turn_at is null and due_at is not null;
create index jobs_running on jobs (node) where status = 'running';
create index jobs_failed on jobs (tenant, error_code) where status = 'failed';
