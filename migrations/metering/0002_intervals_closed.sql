DROP INDEX "metering"."intervals_device";--> statement-breakpoint
CREATE INDEX "intervals_closed" ON "metering"."intervals" USING btree ("cluster_id","device","end_at") WHERE state = 'CLOSED';