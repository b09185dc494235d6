-- The nodes that work on this database, as PostgreSQL has them. The lock on the data folder is the lease of SQLite's only
-- node, so nobody is in here.

create table nodes (
    id text not null primary key,
    started_at integer not null,
    -- The data folder that it has to itself: whoever starts there knows that its predecessor is dead.
    home text not null,
    lease_until integer not null
) strict;

-- The data folder that holds the recording; only a node that has it can work on the job.
alter table jobs add column home text;
