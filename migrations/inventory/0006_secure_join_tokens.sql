-- Who may join is the operators' business alone.
select sluice.secure('inventory.join_tokens', 'internal');
--> statement-breakpoint
select sluice.secure('inventory.agent_credentials', 'internal');
