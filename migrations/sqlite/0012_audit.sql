-- What people have made the node do with its actors and jobs: who, what, to what, and how it ended. Rows are only added.

create table audit (
    id integer primary key autoincrement,
    at integer not null,
    tenant text not null,
    action text not null,
    target text not null,
    outcome text not null
) strict;

create index audit_by_tenant on audit (tenant, id);
