-- A snapshot has every tenant's jobs in it: it is asked through answers alone.
select sluice.secure('inventory.snapshots', 'internal');
--> statement-breakpoint
select sluice.secure('inventory.queue_figures', 'shared');
--> statement-breakpoint
select sluice.secure('inventory.queue_samples', 'shared');
--> statement-breakpoint
grant select, delete on inventory.queue_samples to inventory_retention;
--> statement-breakpoint
create policy inventory_retention on inventory.queue_samples to inventory_retention using (true);
