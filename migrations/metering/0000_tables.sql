CREATE SCHEMA "metering";
--> statement-breakpoint
CREATE SEQUENCE "metering"."feed_sequence" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "metering"."audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "metering"."audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"tenant_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"principal" text NOT NULL,
	"action" text NOT NULL,
	"object_id" text,
	"decision" text NOT NULL,
	"request_id" text NOT NULL,
	"input" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "metering"."events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "metering"."events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"xid" "xid8" NOT NULL,
	"tenant_id" text NOT NULL,
	"type" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"subject_id" text NOT NULL,
	"project_id" text,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "metering"."exports" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"requested_by" text NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"range_from" timestamp with time zone NOT NULL,
	"range_to" timestamp with time zone NOT NULL,
	"shape" text NOT NULL,
	"format" text NOT NULL,
	"state" text NOT NULL,
	"ledger_position" "xid8" NOT NULL,
	"progress" real NOT NULL,
	"rows" integer,
	"bytes" bigint,
	"sha256" text,
	"failure" text,
	"attempts" integer NOT NULL,
	"leased_until" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "metering"."facts_through" (
	"source" text PRIMARY KEY NOT NULL,
	"position" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "metering"."feed_entries" (
	"feed" text NOT NULL,
	"kind" text NOT NULL,
	"key" text NOT NULL,
	"tenant_id" text,
	"body" jsonb,
	"xid" "xid8" NOT NULL,
	"id" bigint NOT NULL,
	CONSTRAINT "feed_entries_feed_kind_key_pk" PRIMARY KEY("feed","kind","key")
);
--> statement-breakpoint
CREATE TABLE "metering"."idempotency" (
	"tenant_id" text NOT NULL,
	"principal" text NOT NULL,
	"mutation" text NOT NULL,
	"key" text NOT NULL,
	"input_hash" text NOT NULL,
	"result" jsonb,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_tenant_id_principal_mutation_key_pk" PRIMARY KEY("tenant_id","principal","mutation","key")
);
--> statement-breakpoint
CREATE TABLE "metering"."intervals" (
	"cluster_id" text NOT NULL,
	"pod_uid" text NOT NULL,
	"ordinal" integer NOT NULL,
	"tenant_id" text NOT NULL,
	"project_id" text NOT NULL,
	"state" text NOT NULL,
	"device" text,
	"device_index" integer,
	"identity" text,
	"model" text,
	"share" numeric NOT NULL,
	"cpu_milli" bigint NOT NULL,
	"memory_mib" bigint NOT NULL,
	"admitted_at" timestamp with time zone NOT NULL,
	"start_at" timestamp with time zone,
	"started_at" timestamp with time zone,
	"end_at" timestamp with time zone,
	"ending" text,
	"clamped" boolean NOT NULL,
	"unit_price" numeric NOT NULL,
	"currency" text NOT NULL,
	"price_version" integer NOT NULL,
	"gpu_seconds" numeric,
	"cost" numeric,
	"xid" "xid8",
	CONSTRAINT "intervals_cluster_id_pod_uid_ordinal_pk" PRIMARY KEY("cluster_id","pod_uid","ordinal")
);
--> statement-breakpoint
CREATE TABLE "metering"."known_facts" (
	"kind" text NOT NULL,
	"id" text NOT NULL,
	"tenant_id" text,
	"body" jsonb NOT NULL,
	CONSTRAINT "known_facts_kind_id_pk" PRIMARY KEY("kind","id")
);
--> statement-breakpoint
CREATE TABLE "metering"."log_epoch" (
	"epoch" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "metering"."metered_jobs" (
	"job_id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"gpu_seconds" numeric NOT NULL,
	"cost" numeric NOT NULL,
	"currency" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "metering"."observation_progress" (
	"cluster_id" text PRIMARY KEY NOT NULL,
	"epoch" integer NOT NULL,
	"number" integer NOT NULL,
	"through" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "metering"."pods" (
	"cluster_id" text NOT NULL,
	"uid" text NOT NULL,
	"tenant_id" text NOT NULL,
	"project_id" text NOT NULL,
	"namespace" text NOT NULL,
	"name" text NOT NULL,
	"node" text,
	"job_uid" text,
	"claimed_job_id" text,
	"job_id" text,
	"job_xid" "xid8",
	"seen_epoch" integer NOT NULL,
	CONSTRAINT "pods_cluster_id_uid_pk" PRIMARY KEY("cluster_id","uid")
);
--> statement-breakpoint
CREATE TABLE "metering"."price_lists" (
	"version" integer PRIMARY KEY NOT NULL,
	"effective_from" timestamp with time zone NOT NULL,
	"currency" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "metering"."prices" (
	"version" integer NOT NULL,
	"model" text NOT NULL,
	"unit_price" numeric NOT NULL,
	CONSTRAINT "prices_version_model_pk" PRIMARY KEY("version","model")
);
--> statement-breakpoint
CREATE TABLE "metering"."quarantine" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "metering"."quarantine_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"cluster_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"number" integer NOT NULL,
	"record" jsonb NOT NULL,
	"error" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "metering"."prices" ADD CONSTRAINT "prices_version_price_lists_version_fk" FOREIGN KEY ("version") REFERENCES "metering"."price_lists"("version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "events_position" ON "metering"."events" USING btree ("xid","id");--> statement-breakpoint
CREATE INDEX "events_tenant_position" ON "metering"."events" USING btree ("tenant_id","xid","id");--> statement-breakpoint
CREATE INDEX "exports_tenant" ON "metering"."exports" USING btree ("tenant_id","id");--> statement-breakpoint
CREATE INDEX "exports_unfinished" ON "metering"."exports" USING btree ("requested_at","id") WHERE state in ('PENDING', 'RUNNING');--> statement-breakpoint
CREATE INDEX "feed_entries_position" ON "metering"."feed_entries" USING btree ("feed","xid","id");--> statement-breakpoint
CREATE INDEX "intervals_tenant" ON "metering"."intervals" USING btree ("tenant_id","start_at","cluster_id","pod_uid","ordinal");--> statement-breakpoint
CREATE INDEX "intervals_device" ON "metering"."intervals" USING btree ("cluster_id","device","end_at");--> statement-breakpoint
CREATE INDEX "intervals_open" ON "metering"."intervals" USING btree ("cluster_id","device") WHERE state = 'OPEN';--> statement-breakpoint
CREATE INDEX "known_facts_tenant" ON "metering"."known_facts" USING btree ("kind","tenant_id");--> statement-breakpoint
CREATE INDEX "pods_job" ON "metering"."pods" USING btree ("job_id");--> statement-breakpoint
CREATE INDEX "pods_orphan" ON "metering"."pods" USING btree ("cluster_id","job_uid") WHERE job_id is null;--> statement-breakpoint
CREATE INDEX "pods_orphan_claim" ON "metering"."pods" USING btree ("claimed_job_id") WHERE job_id is null;