-- Every job is an entry of the diary, with a note or without: its day, its own title, its tags, whether it lies in the
-- trash, and all its words as one text that is quickly searched.

-- The speaker's wall clock, as in `notes`; a memo whose time is unknown was spoken when it was handed in.
alter table jobs add column spoken_at text not null default '';
-- What the person calls it; null leaves it to the note or the file.
alter table jobs add column title text;
alter table jobs add column trashed_at integer;
update jobs set spoken_at = coalesce(
    substr(recorded_at, 1, 19),
    strftime('%Y-%m-%dT%H:%M:%S', created_at / 1000, 'unixepoch', 'localtime')
);
create index jobs_by_day on jobs (tenant, spoken_at, id, status) where trashed_at is null;
-- The days in their order, ready to be counted.
create index jobs_days on jobs (tenant, substr(spoken_at, 1, 10)) where trashed_at is null;
create index jobs_in_trash on jobs (tenant, spoken_at, id, status) where trashed_at is not null;
create index jobs_by_trashing on jobs (trashed_at) where trashed_at is not null;

-- What a list shows of a note, so that it need not read all of it.
alter table notes add column title text not null default '';
alter table notes add column summary text not null default '';
alter table notes add column mood text;
update notes set title = json_extract(note, '$.title'), summary = json_extract(note, '$.summary'),
    mood = json_extract(note, '$.mood');

-- The tags of an entry: those of its note, or those that it was sent with. `is_trashed` is the job's, kept right below,
-- so that tags are counted in their index alone.
create table job_tags (
    job_id text not null references jobs (id) on delete cascade,
    tenant text not null,
    idx integer not null,
    tag text not null,
    is_trashed integer not null,
    primary key (job_id, tag)
) strict, without rowid;
create index job_tags_by_tag on job_tags (tenant, is_trashed, tag);
create trigger jobs_trashed after update of trashed_at on jobs begin
    update job_tags set is_trashed = new.trashed_at is not null where job_id = new.id;
end;
insert or ignore into job_tags (job_id, tenant, idx, tag, is_trashed)
select notes.job_id, notes.tenant, tag.key, tag.value, 0 from notes, json_each(notes.note, '$.tags') as tag;
insert or ignore into job_tags (job_id, tenant, idx, tag, is_trashed)
select jobs.id, jobs.tenant, tag.key, tag.value, 0 from jobs, json_each(jobs.options, '$.tags') as tag
where not exists (select 1 from notes where notes.job_id = jobs.id);

-- A job without a note is found by its file's name and, once it is complete, by its transcript.
insert into passages (job_id, tenant, source, text)
select id, tenant, 'title', case
    when instr(substr(file_name, 2), '.') = 0 then file_name
    else substr(file_name, 1, length(rtrim(file_name, replace(file_name, '.', ''))) - 1)
end
from jobs where not exists (select 1 from notes where notes.job_id = jobs.id);
insert into passages (job_id, tenant, source, start_ms, end_ms, text)
select jobs.id, jobs.tenant, 'transcript', json_extract(segment.value, '$.start_ms'),
    json_extract(segment.value, '$.end_ms'), trim(json_extract(segment.value, '$.text'))
from jobs join chunks on chunks.job_id = jobs.id, json_each(chunks.segments) as segment
where (jobs.status = 'done' or jobs.stage = 'compose')
    and not exists (select 1 from notes where notes.job_id = jobs.id);
create trigger passages_changed after update of text on passages begin
    insert into passage_words (passage_words, rowid, text) values ('delete', old.id, old.text);
    insert into passage_words (rowid, text) values (new.id, new.text);
end;

-- All passages of a job as one text, with a word between them that nobody can type: which jobs say something is
-- answered by as many rows as there are jobs, however often they say it.
create table job_texts (
    id integer primary key,
    job_id text not null unique references jobs (id) on delete cascade
) strict;
create virtual table job_words using fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
create trigger job_texts_out after delete on job_texts begin
    delete from job_words where rowid = old.id;
end;
insert into job_texts (job_id) select distinct job_id from passages order by job_id;
insert into job_words (rowid, text)
select job_texts.id, group_concat(passages.text, ' ' || char(57344) || ' ')
from job_texts join passages on passages.job_id = job_texts.job_id group by job_texts.id;
