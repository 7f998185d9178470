grant select, delete on metering.exports to metering_retention;
--> statement-breakpoint
create policy metering_retention on metering.exports to metering_retention using (true);
