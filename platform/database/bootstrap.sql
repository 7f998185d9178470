-- Run by the migrator as superuser before the migrations of each start; idempotent.
-- sluice.secure() is the one place where a table gets its grants and policies.
create schema if not exists sluice;

-- kind: tenant | shared | append | reference | internal (see platform/README.md)
create or replace function sluice.secure(target regclass, kind text) returns void language plpgsql as $$
declare
  subgraph text := (select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = target);
  app text := subgraph || '_app';
  own text := 'tenant_id = nullif(current_setting(''sluice.tenant_id'', true), '''')';
  readable text := case kind when 'shared' then '(tenant_id is null or ' || own || ')' else own end;
  change text := case kind when 'append' then 'insert' else 'insert, update, delete' end;
  everyone text;
begin
  if kind not in ('tenant', 'shared', 'append', 'reference', 'internal') then
    raise exception 'unknown kind of table: %', kind;
  end if;
  execute format('alter table %s owner to %I', target, subgraph || '_owner');
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  foreach everyone in array array[subgraph || '_operator', subgraph || '_ingest'] loop
    execute format('grant select, %s on %s to %I', change, target, everyone);
    execute format('create policy %I on %s to %I using (true) with check (true)', everyone, target, everyone);
  end loop;
  if kind = 'reference' then
    execute format('grant select on %s to %I', target, app);
    execute format('create policy %I on %s for select to %I using (true)', app || '_read', target, app);
  elsif kind <> 'internal' then
    execute format('grant select, %s on %s to %I', change, target, app);
    execute format('create policy %I on %s for select to %I using (%s)', app || '_read', target, app, readable);
    execute format('create policy %I on %s for insert to %I with check (%s)', app || '_insert', target, app, own);
    if kind <> 'append' then
      execute format('create policy %I on %s for update to %I using (%s) with check (%s)', app || '_update', target, app, own, own);
      execute format('create policy %I on %s for delete to %I using (%s)', app || '_delete', target, app, own);
    end if;
  end if;
end $$;

-- The tables of platform/database/common.ts.
create or replace function sluice.secure_common(subgraph text) returns void language plpgsql as $$
begin
  perform sluice.secure(format('%I.events', subgraph)::regclass, 'append');
  perform sluice.secure(format('%I.audit_log', subgraph)::regclass, 'append');
  perform sluice.secure(format('%I.idempotency', subgraph)::regclass, 'tenant');
  perform sluice.secure(format('%I.feed_entries', subgraph)::regclass, 'shared');
  perform sluice.secure(format('%I.known_facts', subgraph)::regclass, 'shared');
  perform sluice.secure(format('%I.facts_through', subgraph)::regclass, 'internal');
  perform sluice.secure(format('%I.observation_progress', subgraph)::regclass, 'reference');
  perform sluice.secure(format('%I.quarantine', subgraph)::regclass, 'internal');
  -- Positions are drawn by whoever writes; the epoch of the log is no secret.
  execute format('grant usage on sequence %I.feed_sequence to %I, %I, %I', subgraph, subgraph || '_app', subgraph || '_operator', subgraph || '_ingest');
  execute format('grant select on %I.log_epoch to %I, %I, %I', subgraph, subgraph || '_app', subgraph || '_operator', subgraph || '_ingest');
  execute format('alter table %I.log_epoch owner to %I', subgraph, subgraph || '_owner');
  execute format('insert into %I.log_epoch (epoch) values (replace(gen_random_uuid()::text, ''-'', ''''))', subgraph);
  execute format('alter table %I.events alter column xid set default pg_current_xact_id()', subgraph);
end $$;

-- What has had its time is deleted by a role that may do nothing else: to all others the log stays append-only.
create or replace function sluice.secure_retention(subgraph text) returns void language plpgsql as $$
declare
  keeper text := subgraph || '_retention';
  target text;
begin
  perform sluice.secure(format('%I.event_horizons', subgraph)::regclass, 'internal');
  perform sluice.secure(format('%I.retention_marks', subgraph)::regclass, 'internal');
  foreach target in array array['events', 'idempotency', 'quarantine', 'feed_entries'] loop
    execute format('grant select, delete on %I.%I to %I', subgraph, target, keeper);
    execute format('create policy %I on %I.%I to %I using (true)', keeper, subgraph, target, keeper);
  end loop;
  foreach target in array array['event_horizons', 'retention_marks'] loop
    execute format('grant select, insert, update, delete on %I.%I to %I', subgraph, target, keeper);
    execute format('create policy %I on %I.%I to %I using (true) with check (true)', keeper, subgraph, target, keeper);
  end loop;
end $$;
