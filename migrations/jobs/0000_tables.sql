CREATE SCHEMA "jobs";
--> statement-breakpoint
CREATE SEQUENCE "jobs"."feed_sequence" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "jobs"."audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "jobs"."audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
CREATE TABLE "jobs"."events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "jobs"."events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"xid" "xid8" NOT NULL,
	"tenant_id" text NOT NULL,
	"type" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"subject_id" text NOT NULL,
	"project_id" text,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "jobs"."facts_through" (
	"source" text PRIMARY KEY NOT NULL,
	"position" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "jobs"."feed_entries" (
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
CREATE TABLE "jobs"."idempotency" (
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
CREATE TABLE "jobs"."jobs" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"project_id" text NOT NULL,
	"queue_id" text,
	"queue_name" text,
	"cluster_id" text NOT NULL,
	"name" text NOT NULL,
	"namespace" text NOT NULL,
	"object_name" text NOT NULL,
	"uid" text,
	"adopted" boolean NOT NULL,
	"image" text NOT NULL,
	"command" jsonb,
	"env" jsonb NOT NULL,
	"labels" jsonb NOT NULL,
	"replicas" integer NOT NULL,
	"class" text NOT NULL,
	"priority_class" text,
	"priority" integer NOT NULL,
	"preemptible" boolean NOT NULL,
	"max_runtime_seconds" integer,
	"resources" jsonb NOT NULL,
	"phase" text NOT NULL,
	"submitted_at" timestamp with time zone NOT NULL,
	"admitted_at" timestamp with time zone,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"pending" jsonb,
	"failure" jsonb,
	"evicted_at" timestamp with time zone,
	"gone_at" timestamp with time zone,
	"seen_epoch" integer NOT NULL,
	"seen_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "jobs"."known_facts" (
	"kind" text NOT NULL,
	"id" text NOT NULL,
	"tenant_id" text,
	"body" jsonb NOT NULL,
	CONSTRAINT "known_facts_kind_id_pk" PRIMARY KEY("kind","id")
);
--> statement-breakpoint
CREATE TABLE "jobs"."log_epoch" (
	"epoch" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "jobs"."metered_jobs" (
	"job_id" text PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "jobs"."observation_progress" (
	"cluster_id" text PRIMARY KEY NOT NULL,
	"epoch" integer NOT NULL,
	"number" integer NOT NULL,
	"through" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "jobs"."pods" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"project_id" text NOT NULL,
	"job_id" text,
	"job_uid" text,
	"cluster_id" text NOT NULL,
	"uid" text NOT NULL,
	"namespace" text NOT NULL,
	"name" text NOT NULL,
	"node" text,
	"phase" text NOT NULL,
	"reason" text,
	"created_at" timestamp with time zone NOT NULL,
	"admitted_at" timestamp with time zone,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"exit_code" integer,
	"slot" integer,
	"devices" jsonb NOT NULL,
	"gone_at" timestamp with time zone,
	"seen_epoch" integer NOT NULL,
	"seen_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "jobs"."quarantine" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "jobs"."quarantine_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"cluster_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"number" integer NOT NULL,
	"record" jsonb NOT NULL,
	"error" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "events_position" ON "jobs"."events" USING btree ("xid","id");--> statement-breakpoint
CREATE INDEX "events_tenant_position" ON "jobs"."events" USING btree ("tenant_id","xid","id");--> statement-breakpoint
CREATE INDEX "feed_entries_position" ON "jobs"."feed_entries" USING btree ("feed","xid","id");--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_object" ON "jobs"."jobs" USING btree ("cluster_id","uid");--> statement-breakpoint
CREATE INDEX "jobs_tenant" ON "jobs"."jobs" USING btree ("tenant_id","id");--> statement-breakpoint
CREATE INDEX "jobs_project" ON "jobs"."jobs" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "jobs_queue" ON "jobs"."jobs" USING btree ("queue_id","id");--> statement-breakpoint
CREATE INDEX "jobs_waiting" ON "jobs"."jobs" USING btree ("cluster_id","queue_name","priority" DESC NULLS LAST,"submitted_at","id") WHERE phase = 'PENDING';--> statement-breakpoint
CREATE INDEX "jobs_present" ON "jobs"."jobs" USING btree ("cluster_id","seen_epoch") WHERE uid is not null and gone_at is null;--> statement-breakpoint
CREATE INDEX "known_facts_tenant" ON "jobs"."known_facts" USING btree ("kind","tenant_id");--> statement-breakpoint
CREATE UNIQUE INDEX "pods_object" ON "jobs"."pods" USING btree ("cluster_id","uid");--> statement-breakpoint
CREATE INDEX "pods_job" ON "jobs"."pods" USING btree ("job_id","id");--> statement-breakpoint
CREATE INDEX "pods_orphan" ON "jobs"."pods" USING btree ("cluster_id","job_uid") WHERE job_id is null;--> statement-breakpoint
CREATE INDEX "pods_present" ON "jobs"."pods" USING btree ("cluster_id","seen_epoch") WHERE gone_at is null;