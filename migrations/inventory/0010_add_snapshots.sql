CREATE TABLE "inventory"."queue_figures" (
	"queue_id" text NOT NULL,
	"cluster_id" text NOT NULL,
	"tenant_id" text,
	"at" timestamp with time zone NOT NULL,
	"weighted_share" double precision NOT NULL,
	"cells" jsonb NOT NULL,
	CONSTRAINT "queue_figures_queue_id_cluster_id_pk" PRIMARY KEY("queue_id","cluster_id")
);
--> statement-breakpoint
CREATE TABLE "inventory"."queue_samples" (
	"queue_id" text NOT NULL,
	"minute" timestamp with time zone NOT NULL,
	"tenant_id" text,
	"at" timestamp with time zone NOT NULL,
	"pending" integer NOT NULL,
	"admitted" integer NOT NULL,
	"weighted_share" double precision NOT NULL,
	"cells" jsonb NOT NULL,
	CONSTRAINT "queue_samples_queue_id_minute_pk" PRIMARY KEY("queue_id","minute")
);
--> statement-breakpoint
CREATE TABLE "inventory"."snapshots" (
	"cluster_id" text PRIMARY KEY NOT NULL,
	"epoch" integer NOT NULL,
	"version" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"body" "bytea" NOT NULL
);
--> statement-breakpoint
ALTER TABLE "inventory"."queue_figures" ADD CONSTRAINT "queue_figures_queue_id_queues_id_fk" FOREIGN KEY ("queue_id") REFERENCES "inventory"."queues"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inventory"."queue_samples" ADD CONSTRAINT "queue_samples_queue_id_queues_id_fk" FOREIGN KEY ("queue_id") REFERENCES "inventory"."queues"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inventory"."snapshots" ADD CONSTRAINT "snapshots_cluster_id_clusters_id_fk" FOREIGN KEY ("cluster_id") REFERENCES "inventory"."clusters"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "queue_samples_minute" ON "inventory"."queue_samples" USING btree ("minute");