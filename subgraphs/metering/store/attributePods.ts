import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'

/**
 * Gives pods without a job theirs, where a fact says which: the job whose Job object owns the pod, else
 * the one it claims by its label, unless that job is known to be another Job object. A tenant can write
 * labels and owner references, but not its namespace's project: job and pod must be of the same one.
 * @returns ids of the jobs that were given pods
 */
export function attributePods(tx: Tx, clusterId: string, uids: readonly string[]): Promise<string[]> {
  return uids.length === 0
    ? Promise.resolve([])
    : attribute(tx, sql`orphan.cluster_id = ${clusterId} and orphan.uid = any(${textArray(uids)})`, sql`true`)
}

/** The same when facts about jobs arrive after their pods. */
export function attributePodsOf(tx: Tx, jobs: readonly { id: string; uid: string | null }[]): Promise<string[]> {
  const ids = textArray(jobs.map(({ id }) => id))
  const uids = textArray(jobs.flatMap(({ uid }) => uid ?? []))
  return attribute(
    tx,
    sql`(orphan.claimed_job_id = any(${ids}) or orphan.job_uid = any(${uids}))`,
    sql`fact.id = any(${ids})`,
  )
}

async function attribute(tx: Tx, orphans: SQL, facts: SQL): Promise<string[]> {
  const isOfTheSame = sql`fact.kind = 'job' and ${facts} and fact.body ->> 'projectId' = orphan.project_id
    and fact.body ->> 'clusterId' = orphan.cluster_id`
  const rows = await tx.execute<{ job_id: string }>(sql`
    update pods set job_id = owner.job_id, job_xid = pg_current_xact_id()
      from (select distinct on (cluster_id, uid) cluster_id, uid, job_id
              from (select orphan.cluster_id, orphan.uid, fact.id as job_id, 1 as rank
                      from pods as orphan join known_facts as fact on fact.body ->> 'uid' = orphan.job_uid
                     where orphan.job_id is null and ${orphans} and ${isOfTheSame}
                    union all
                    select orphan.cluster_id, orphan.uid, fact.id, 2
                      from pods as orphan join known_facts as fact on fact.id = orphan.claimed_job_id
                     where orphan.job_id is null and ${orphans} and ${isOfTheSame}
                       and (fact.body ->> 'uid' is null or orphan.job_uid is null)) as candidates
             order by cluster_id, uid, rank, job_id) as owner
     where pods.cluster_id = owner.cluster_id and pods.uid = owner.uid
    returning pods.job_id`)
  return [...new Set(rows.map(({ job_id }) => job_id))]
}
