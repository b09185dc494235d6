-- Stages that somebody has paused: nothing new begins there, on no node, until they are resumed.

create table paused_stages (
    stage text not null primary key,
    paused_at integer not null
) strict;
