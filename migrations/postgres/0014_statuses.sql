-- How many jobs stand in each status is asked every few seconds, and must not read them all. Nobody looks for a priority:
-- as its first column that keeps the index from being taken where a better one serves.
create index jobs_statuses on jobs (priority, status);
