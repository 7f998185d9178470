ALTER TABLE "inventory"."queues" ADD COLUMN "when_can_borrow" text DEFAULT 'MAY_STOP_SEARCH' NOT NULL;--> statement-breakpoint
ALTER TABLE "inventory"."queues" ADD COLUMN "when_can_preempt" text DEFAULT 'TRY_NEXT_FLAVOR' NOT NULL;--> statement-breakpoint
ALTER TABLE "inventory"."queues" ADD COLUMN "usage_half_life_seconds" integer;