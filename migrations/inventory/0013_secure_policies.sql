-- How clusters schedule names tenants: the operators' business alone.
select sluice.secure('inventory.policy_versions', 'internal');
--> statement-breakpoint
select sluice.secure('inventory.cluster_policies', 'internal');
--> statement-breakpoint
select sluice.secure('inventory.observed_policies', 'internal');
