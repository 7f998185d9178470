CREATE SCHEMA "tenants";
--> statement-breakpoint
CREATE SEQUENCE "tenants"."feed_sequence" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "tenants"."audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tenants"."audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
CREATE TABLE "tenants"."events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tenants"."events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"xid" "xid8" NOT NULL,
	"tenant_id" text NOT NULL,
	"type" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"subject_id" text NOT NULL,
	"project_id" text,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tenants"."facts_through" (
	"source" text PRIMARY KEY NOT NULL,
	"position" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tenants"."feed_entries" (
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
CREATE TABLE "tenants"."idempotency" (
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
CREATE TABLE "tenants"."known_facts" (
	"kind" text NOT NULL,
	"id" text NOT NULL,
	"tenant_id" text,
	"body" jsonb NOT NULL,
	CONSTRAINT "known_facts_kind_id_pk" PRIMARY KEY("kind","id")
);
--> statement-breakpoint
CREATE TABLE "tenants"."log_epoch" (
	"epoch" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tenants"."observation_progress" (
	"cluster_id" text PRIMARY KEY NOT NULL,
	"epoch" integer NOT NULL,
	"number" integer NOT NULL,
	"through" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tenants"."projects" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"namespace" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "projects_namespace_unique" UNIQUE("namespace"),
	CONSTRAINT "projects_slug" UNIQUE("tenant_id","slug")
);
--> statement-breakpoint
CREATE TABLE "tenants"."quarantine" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tenants"."quarantine_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"cluster_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"number" integer NOT NULL,
	"record" jsonb NOT NULL,
	"error" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tenants"."served_clusters" (
	"cluster_id" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tenants"."tenants" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text GENERATED ALWAYS AS (id) STORED NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "tenants_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
ALTER TABLE "tenants"."projects" ADD CONSTRAINT "projects_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "tenants"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "events_position" ON "tenants"."events" USING btree ("xid","id");--> statement-breakpoint
CREATE INDEX "events_tenant_position" ON "tenants"."events" USING btree ("tenant_id","xid","id");--> statement-breakpoint
CREATE INDEX "feed_entries_position" ON "tenants"."feed_entries" USING btree ("feed","xid","id");--> statement-breakpoint
CREATE INDEX "known_facts_tenant" ON "tenants"."known_facts" USING btree ("kind","tenant_id");--> statement-breakpoint
CREATE INDEX "projects_of_tenant" ON "tenants"."projects" USING btree ("tenant_id","id");