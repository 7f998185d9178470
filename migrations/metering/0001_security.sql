select sluice.secure_common('metering');
--> statement-breakpoint
select sluice.secure('metering.pods', 'tenant');
--> statement-breakpoint
select sluice.secure('metering.intervals', 'tenant');
--> statement-breakpoint
select sluice.secure('metering.metered_jobs', 'tenant');
--> statement-breakpoint
select sluice.secure('metering.exports', 'tenant');
--> statement-breakpoint
select sluice.secure('metering.price_lists', 'reference');
--> statement-breakpoint
select sluice.secure('metering.prices', 'reference');
--> statement-breakpoint
-- What was used and what it costs is said by observations and facts alone, never by a client.
revoke insert, update, delete on metering.pods, metering.intervals, metering.metered_jobs from metering_app, metering_operator;
--> statement-breakpoint
revoke delete on metering.pods from metering_ingest;
--> statement-breakpoint
-- Clients ask for exports; only the worker says what has become of them.
revoke update, delete on metering.exports from metering_app, metering_operator;
--> statement-breakpoint
-- A version of the price list stands as it was published.
revoke update, delete on metering.price_lists, metering.prices from metering_operator, metering_ingest;
--> statement-breakpoint
create function metering.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'interval %/%/% is closed: the ledger is append-only', old.cluster_id, old.pod_uid, old.ordinal
    using errcode = 'integrity_constraint_violation';
end $$;
--> statement-breakpoint
create trigger intervals_closed before update or delete on metering.intervals
  for each row when (old.state = 'CLOSED') execute function metering.refuse_change();
--> statement-breakpoint
-- A closed interval is whole: nobody has to ask whether its figures are there.
alter table metering.intervals
  add constraint intervals_state check (
    state = 'OPEN' or (state = 'CLOSED' and start_at is not null and end_at is not null and ending is not null
                       and gpu_seconds is not null and cost is not null and xid is not null)),
  add constraint intervals_range check (end_at >= start_at),
  add constraint intervals_share check (share >= 0 and share <= 1);
--> statement-breakpoint
-- Pods whose job is not known are joined to the fact of their Job object's uid.
create index known_jobs_uid on metering.known_facts ((body ->> 'uid')) where kind = 'job';
