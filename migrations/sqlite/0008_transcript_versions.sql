-- What people have corrected in transcripts. Version 0 is what Whisper heard: it stands in `chunks`, and never changes.
-- Each further version holds what it changed, as JSON: [{"id": segment, "text": "…"}].

create table transcript_versions (
    job_id text not null references jobs (id) on delete cascade,
    tenant text not null,
    version integer not null,
    created_at integer not null,
    edits text not null,
    primary key (job_id, version)
) strict, without rowid;
