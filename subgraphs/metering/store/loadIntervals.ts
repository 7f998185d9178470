import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'
import type { Interval } from '../domain/interval.ts'
import type { Sighting } from '../domain/sighting.ts'
import { INTERVAL_COLUMNS, type IntervalRow, intervalOf } from './intervalRows.ts'

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
    wanted as materialized (
      select device, least(min(since), (
               -- One that waits for its start is settled from its admission on.
               select min(admitted_at) from intervals as waiting
                where waiting.cluster_id = ${clusterId} and waiting.device = unsettled.device
                  and waiting.state = 'OPEN' and waiting.start_at is null)) as since
        from unsettled where device is not null group by device),
    -- Two lookups by index for each device. "offset 0" keeps them so: the planner, with statistics from when the
    -- table was small, would rather read all intervals of the cluster at once.
    neighbours as (
      select open.* from wanted cross join lateral (
        select * from intervals where cluster_id = ${clusterId} and device = wanted.device and state = 'OPEN' offset 0) as open
      union all
      select closed.* from wanted cross join lateral (
        select * from intervals where cluster_id = ${clusterId} and device = wanted.device
           and state = 'CLOSED' and end_at > wanted.since offset 0) as closed)
    select ${INTERVAL_COLUMNS} from (select * from mentioned union select * from neighbours) as intervals`)
  return rows.map(intervalOf)
}
