-- The nodes that work on this database: each start of a node is one of its own, and may work until `lease_until`, by the
-- clock of the database. What runs under a node without a lease is taken over by the others.

create table nodes (
    id text collate "C" not null primary key,
    started_at bigint not null,
    -- The data folder that it has to itself: whoever starts there knows that its predecessor is dead.
    home text collate "C" not null,
    lease_until bigint not null
);

-- The data folder that holds the recording; only a node that has it can work on the job.
alter table jobs add column home text collate "C";
