import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { Interval } from '../domain/interval.ts'
import type { Sighting } from '../domain/sighting.ts'
import { INTERVAL_COLUMNS, type IntervalRow, intervalOf } from './intervalRows.ts'
import { textArray } from './textArray.ts'

/**
 * Every interval that what was seen can change or be changed by: those of the pods, and of the devices
 * they hold all open ones and the closed ones that end after the earliest time still to be settled.
 * Call lockCluster first.
 */
export async function loadIntervals(tx: Tx, clusterId: string, sightings: readonly Sighting[]): Promise<Interval[]> {
  const uids = sightings.map((sighting) => (sighting.type === 'held' ? sighting.pod.uid : sighting.uid))
  const devices = sightings.flatMap((sighting) =>
    sighting.type === 'held'
      ? sighting.devices.map(({ device }) => ({ uid: sighting.pod.uid, device, since: sighting.admittedSeconds }))
      : [],
  )
  const rows = await tx.execute<IntervalRow>(sql`
    with mentioned as (
      select * from intervals where cluster_id = ${clusterId} and pod_uid = any(${textArray(uids)})),
    unsettled (device, since) as (
      select device, admitted_at from mentioned where state = 'OPEN'
      union all
      -- Bindings that are new, or whose device was not known yet; others are among the mentioned.
      select device, to_timestamp(since)
        from jsonb_to_recordset(${JSON.stringify(devices)}::jsonb) as row(uid text, device text, since bigint)
       where not exists (select from mentioned
                          where pod_uid = row.uid and (state = 'CLOSED' or mentioned.device is not null))),
    wanted as (
      select device, min(since) as since from unsettled where device is not null group by device),
    neighbours as (
      select intervals.* from wanted
        join intervals on intervals.cluster_id = ${clusterId} and intervals.device = wanted.device
       where intervals.state = 'OPEN'
          or intervals.end_at > least(wanted.since, (
               -- One that waits for its start is settled from its admission on.
               select min(admitted_at) from intervals as waiting
                where waiting.cluster_id = ${clusterId} and waiting.device = wanted.device
                  and waiting.state = 'OPEN' and waiting.start_at is null)))
    select ${INTERVAL_COLUMNS} from (select * from mentioned union select * from neighbours) as intervals`)
  return rows.map(intervalOf)
}
