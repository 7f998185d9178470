select sluice.secure_common('inventory');
--> statement-breakpoint
-- Capacity is shared: every tenant sees clusters, pools, nodes and devices, and how much of them is allocated.
select sluice.secure('inventory.clusters', 'reference');
--> statement-breakpoint
select sluice.secure('inventory.node_pools', 'reference');
--> statement-breakpoint
select sluice.secure('inventory.nodes', 'reference');
--> statement-breakpoint
select sluice.secure('inventory.gpus', 'reference');
--> statement-breakpoint
-- Whose pods hold the devices is nobody's business.
select sluice.secure('inventory.pod_devices', 'internal');
--> statement-breakpoint
select sluice.secure('inventory.queues', 'shared');
--> statement-breakpoint
select sluice.secure('inventory.queue_numbers', 'shared');
--> statement-breakpoint
-- Whether a queue fits its parent depends on its siblings, other tenants' among them. A tenant's
-- administrator is given the tree as bare figures: no names, no owners.
create function inventory.quota_tree() returns table (id text, parent_id text, quotas jsonb)
language sql stable security definer set search_path = inventory, pg_catalog
begin atomic
  select queues.id, queues.parent_id, queues.quotas from inventory.queues;
end;
--> statement-breakpoint
alter function inventory.quota_tree() owner to inventory_operator;
--> statement-breakpoint
revoke all on function inventory.quota_tree() from public;
--> statement-breakpoint
grant execute on function inventory.quota_tree() to inventory_app, inventory_ingest;
