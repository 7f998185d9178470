CREATE TABLE "inventory"."cluster_policies" (
	"cluster_id" text NOT NULL,
	"generation" integer NOT NULL,
	"policy_id" text NOT NULL,
	"before" integer,
	"applied_at" timestamp with time zone NOT NULL,
	"applied_by" text NOT NULL,
	CONSTRAINT "cluster_policies_cluster_id_generation_pk" PRIMARY KEY("cluster_id","generation")
);
--> statement-breakpoint
CREATE TABLE "inventory"."observed_policies" (
	"cluster_id" text PRIMARY KEY NOT NULL,
	"generation" integer,
	"is_followed" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inventory"."policy_versions" (
	"id" text PRIMARY KEY NOT NULL,
	"comment" text NOT NULL,
	"spec" jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "inventory"."cluster_policies" ADD CONSTRAINT "cluster_policies_cluster_id_clusters_id_fk" FOREIGN KEY ("cluster_id") REFERENCES "inventory"."clusters"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inventory"."cluster_policies" ADD CONSTRAINT "cluster_policies_policy_id_policy_versions_id_fk" FOREIGN KEY ("policy_id") REFERENCES "inventory"."policy_versions"("id") ON DELETE no action ON UPDATE no action;