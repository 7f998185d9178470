CREATE SCHEMA "inventory";
--> statement-breakpoint
CREATE SEQUENCE "inventory"."feed_sequence" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "inventory"."audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "inventory"."audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
CREATE TABLE "inventory"."clusters" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"kubernetes_version" text NOT NULL,
	"registered_at" timestamp with time zone NOT NULL,
	"flavors" jsonb NOT NULL,
	CONSTRAINT "clusters_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "inventory"."events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "inventory"."events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"xid" "xid8" NOT NULL,
	"tenant_id" text NOT NULL,
	"type" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"subject_id" text NOT NULL,
	"project_id" text,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inventory"."facts_through" (
	"source" text PRIMARY KEY NOT NULL,
	"position" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inventory"."feed_entries" (
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
CREATE TABLE "inventory"."gpus" (
	"id" text PRIMARY KEY NOT NULL,
	"cluster_id" text NOT NULL,
	"node" text NOT NULL,
	"index" integer NOT NULL,
	"uuid" text NOT NULL,
	"model" text NOT NULL,
	"memory_mib" integer NOT NULL,
	"health" text NOT NULL,
	"allocated" numeric DEFAULT '0' NOT NULL,
	CONSTRAINT "gpus_place" UNIQUE("cluster_id","node","index")
);
--> statement-breakpoint
CREATE TABLE "inventory"."idempotency" (
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
CREATE TABLE "inventory"."known_facts" (
	"kind" text NOT NULL,
	"id" text NOT NULL,
	"tenant_id" text,
	"body" jsonb NOT NULL,
	CONSTRAINT "known_facts_kind_id_pk" PRIMARY KEY("kind","id")
);
--> statement-breakpoint
CREATE TABLE "inventory"."log_epoch" (
	"epoch" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inventory"."node_pools" (
	"id" text PRIMARY KEY NOT NULL,
	"cluster_id" text NOT NULL,
	"name" text NOT NULL,
	"gpu_model" text,
	"device_control" text NOT NULL,
	CONSTRAINT "node_pools_name" UNIQUE("cluster_id","name")
);
--> statement-breakpoint
CREATE TABLE "inventory"."nodes" (
	"cluster_id" text NOT NULL,
	"name" text NOT NULL,
	"pool" text NOT NULL,
	"ready" boolean NOT NULL,
	"cpu_milli" integer NOT NULL,
	"memory_mib" integer NOT NULL,
	"gpu_model" text,
	"device_control" text NOT NULL,
	"gpu_count" integer NOT NULL,
	"gpu_memory_mib" integer NOT NULL,
	"allocated_gpus" numeric DEFAULT '0' NOT NULL,
	"seen_epoch" integer NOT NULL,
	CONSTRAINT "nodes_cluster_id_name_pk" PRIMARY KEY("cluster_id","name")
);
--> statement-breakpoint
CREATE TABLE "inventory"."observation_progress" (
	"cluster_id" text PRIMARY KEY NOT NULL,
	"epoch" integer NOT NULL,
	"number" integer NOT NULL,
	"through" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inventory"."pod_devices" (
	"cluster_id" text NOT NULL,
	"pod_uid" text NOT NULL,
	"ordinal" integer NOT NULL,
	"tenant_id" text NOT NULL,
	"node" text NOT NULL,
	"device_index" integer,
	"share" numeric NOT NULL,
	"seen_epoch" integer NOT NULL,
	CONSTRAINT "pod_devices_cluster_id_pod_uid_ordinal_pk" PRIMARY KEY("cluster_id","pod_uid","ordinal")
);
--> statement-breakpoint
CREATE TABLE "inventory"."quarantine" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "inventory"."quarantine_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"cluster_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"number" integer NOT NULL,
	"record" jsonb NOT NULL,
	"error" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inventory"."queue_numbers" (
	"queue_id" text NOT NULL,
	"cluster_id" text NOT NULL,
	"tenant_id" text,
	"pending" integer NOT NULL,
	"admitted" integer NOT NULL,
	"used_gpus" numeric NOT NULL,
	"pending_gpus" numeric NOT NULL,
	"seen_epoch" integer NOT NULL,
	CONSTRAINT "queue_numbers_queue_id_cluster_id_pk" PRIMARY KEY("queue_id","cluster_id")
);
--> statement-breakpoint
CREATE TABLE "inventory"."queues" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text,
	"name" text NOT NULL,
	"object_name" text NOT NULL,
	"parent_id" text,
	"generation" integer NOT NULL,
	"quotas" jsonb NOT NULL,
	"weight" numeric NOT NULL,
	"max_gpus" numeric,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "queues_object_name_unique" UNIQUE("object_name"),
	CONSTRAINT "queues_name" UNIQUE NULLS NOT DISTINCT("tenant_id","name")
);
--> statement-breakpoint
ALTER TABLE "inventory"."gpus" ADD CONSTRAINT "gpus_cluster_id_node_nodes_cluster_id_name_fk" FOREIGN KEY ("cluster_id","node") REFERENCES "inventory"."nodes"("cluster_id","name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inventory"."node_pools" ADD CONSTRAINT "node_pools_cluster_id_clusters_id_fk" FOREIGN KEY ("cluster_id") REFERENCES "inventory"."clusters"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inventory"."nodes" ADD CONSTRAINT "nodes_cluster_id_pool_node_pools_cluster_id_name_fk" FOREIGN KEY ("cluster_id","pool") REFERENCES "inventory"."node_pools"("cluster_id","name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inventory"."queue_numbers" ADD CONSTRAINT "queue_numbers_queue_id_queues_id_fk" FOREIGN KEY ("queue_id") REFERENCES "inventory"."queues"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inventory"."queues" ADD CONSTRAINT "queues_parent_id_queues_id_fk" FOREIGN KEY ("parent_id") REFERENCES "inventory"."queues"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "events_position" ON "inventory"."events" USING btree ("xid","id");--> statement-breakpoint
CREATE INDEX "events_tenant_position" ON "inventory"."events" USING btree ("tenant_id","xid","id");--> statement-breakpoint
CREATE INDEX "feed_entries_position" ON "inventory"."feed_entries" USING btree ("feed","xid","id");--> statement-breakpoint
CREATE INDEX "known_facts_tenant" ON "inventory"."known_facts" USING btree ("kind","tenant_id");--> statement-breakpoint
CREATE INDEX "nodes_of_pool" ON "inventory"."nodes" USING btree ("cluster_id","pool");--> statement-breakpoint
CREATE INDEX "pod_devices_on_node" ON "inventory"."pod_devices" USING btree ("cluster_id","node");--> statement-breakpoint
CREATE INDEX "queues_of_parent" ON "inventory"."queues" USING btree ("parent_id");