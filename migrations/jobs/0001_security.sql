select sluice.secure_common('jobs');
--> statement-breakpoint
select sluice.secure('jobs.jobs', 'tenant');
--> statement-breakpoint
select sluice.secure('jobs.pods', 'tenant');
--> statement-breakpoint
select sluice.secure('jobs.metered_jobs', 'internal');
--> statement-breakpoint
-- A place in a shared queue counts other tenants' jobs, which their readers may not see. The function
-- sees them as operator and gives away nothing but the number, for jobs whose ids the caller has.
create function jobs.queue_positions(asked text[]) returns table (id text, place bigint)
  language sql stable security definer set search_path = jobs, pg_catalog
as $$
  select ranked.id, ranked.place
    from (select waiting.id,
                 row_number() over (partition by waiting.cluster_id, waiting.queue_name
                                    order by waiting.priority desc, waiting.submitted_at, waiting.id) as place
            from jobs.jobs as waiting
           where waiting.phase = 'PENDING'
             and (waiting.cluster_id, waiting.queue_name) in (
                   select mine.cluster_id, mine.queue_name from jobs.jobs as mine
                    where mine.id = any (asked) and mine.phase = 'PENDING')) as ranked
   where ranked.id = any (asked)
$$;
--> statement-breakpoint
alter function jobs.queue_positions(text[]) owner to jobs_operator;
--> statement-breakpoint
revoke all on function jobs.queue_positions(text[]) from public;
--> statement-breakpoint
grant execute on function jobs.queue_positions(text[]) to jobs_app, jobs_operator, jobs_ingest;
