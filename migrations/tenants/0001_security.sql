select sluice.secure_common('tenants');
--> statement-breakpoint
select sluice.secure('tenants.tenants', 'tenant');
--> statement-breakpoint
select sluice.secure('tenants.projects', 'tenant');
--> statement-breakpoint
select sluice.secure('tenants.served_clusters', 'internal');
