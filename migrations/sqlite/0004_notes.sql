-- The diary to browse and to search: when a note's memo was spoken, and every sentence of notes and transcripts as a
-- passage that can be found. A removed job stays named in `removed_jobs` until its files are gone as well.

-- The speaker's wall clock, `2026-05-03T22:40:00`: its first ten characters are the day, and its order is the diary's.
alter table notes add column spoken_at text not null default '';
update notes set spoken_at = substr(json_extract(note, '$.recorded_at'), 1, 19);
create index notes_by_day on notes (tenant, spoken_at, job_id);

create table passages (
    id integer primary key,
    job_id text not null references jobs (id) on delete cascade,
    tenant text not null,
    source text not null,
    start_ms integer,
    end_ms integer,
    text text not null
) strict;
create index passages_by_job on passages (job_id);

create virtual table passage_words using fts5 (
    text, content = 'passages', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
create trigger passages_in after insert on passages begin
    insert into passage_words (rowid, text) values (new.id, new.text);
end;
create trigger passages_out after delete on passages begin
    insert into passage_words (passage_words, rowid, text) values ('delete', old.id, old.text);
end;

insert into passages (job_id, tenant, source, text)
select job_id, tenant, 'title', json_extract(note, '$.title') from notes;

insert into passages (job_id, tenant, source, start_ms, end_ms, text)
select notes.job_id, notes.tenant, 'note', json_extract(sentence.value, '$.start_ms'),
    json_extract(sentence.value, '$.end_ms'), json_extract(sentence.value, '$.text')
from notes, json_each(notes.note, '$.sections') as section, json_each(section.value, '$.sentences') as sentence;

insert into passages (job_id, tenant, source, start_ms, end_ms, text)
select notes.job_id, notes.tenant, 'transcript', json_extract(segment.value, '$.start_ms'),
    json_extract(segment.value, '$.end_ms'), trim(json_extract(segment.value, '$.text'))
from notes join chunks on chunks.job_id = notes.job_id, json_each(chunks.segments) as segment;

create table removed_jobs (
    job_id text not null primary key,
    removed_at integer not null
) strict;
