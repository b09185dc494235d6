-- Stages that somebody has paused: nothing new begins there, on no node, until they are resumed.

create table paused_stages (
    stage text collate "C" not null primary key,
    paused_at bigint not null
);
