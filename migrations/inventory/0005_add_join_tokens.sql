CREATE TABLE "inventory"."agent_credentials" (
	"secret_hash" text PRIMARY KEY NOT NULL,
	"join_token_id" text NOT NULL,
	"cluster_uid" text NOT NULL,
	"issued_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inventory"."join_tokens" (
	"id" text PRIMARY KEY NOT NULL,
	"cluster_name" text NOT NULL,
	"secret_hash" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"cluster_uid" text,
	"used_at" timestamp with time zone,
	CONSTRAINT "join_tokens_secret_hash_unique" UNIQUE("secret_hash")
);
--> statement-breakpoint
ALTER TABLE "inventory"."agent_credentials" ADD CONSTRAINT "agent_credentials_join_token_id_join_tokens_id_fk" FOREIGN KEY ("join_token_id") REFERENCES "inventory"."join_tokens"("id") ON DELETE no action ON UPDATE no action;