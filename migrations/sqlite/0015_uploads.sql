-- The same upload is looked for by what it is, which few others are. The index began with the tenant, as one of all of the
-- tenant's jobs does, and PostgreSQL took that one where it had planned with empty tables.
create index jobs_by_upload on jobs (fingerprint, tenant, id);
drop index jobs_by_fingerprint;
