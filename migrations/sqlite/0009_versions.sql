-- `epoch` becomes the fencing token of claims alone. What counts saved transitions, and guards changes from outside,
-- is `version`; it begins where the old count stands.

alter table jobs add column version integer not null default 0;
update jobs set version = epoch;
