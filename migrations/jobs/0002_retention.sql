CREATE TABLE "jobs"."event_horizons" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"xid" "xid8" NOT NULL,
	"id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "jobs"."retention_marks" (
	"wall_at" timestamp with time zone PRIMARY KEY NOT NULL,
	"domain_at" timestamp with time zone NOT NULL,
	"xid" "xid8" NOT NULL
);
--> statement-breakpoint
CREATE INDEX "idempotency_at" ON "jobs"."idempotency" USING btree ("at");