import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { Facts } from '../../../platform/facts/kinds.ts'

export interface KnownForSubmission {
  project: Facts['project'] | null
  /** All queues that the project sees. */
  queues: Facts['queue'][]
  clusters: Facts['cluster'][]
}

/** Everything a submission is decided by, in one statement. An operator sees every tenant's queues: only the project's count. */
export async function submissionFacts(tx: Tx, projectId: string): Promise<KnownForSubmission> {
  const rows = await tx.execute<{ kind: string; body: unknown }>(sql`
    with project as (select tenant_id, body from known_facts where kind = 'project' and id = ${projectId})
    select 'project' as kind, body from project
    union all
    select 'queue', body from known_facts
     where kind = 'queue' and (tenant_id is null or tenant_id = (select tenant_id from project))
    union all
    select 'cluster', body from known_facts where kind = 'cluster'`)
  const of = <T>(kind: string) => rows.filter((row) => row.kind === kind).map((row) => row.body as T)
  const [project] = of<Facts['project']>('project')
  return { project: project ?? null, queues: of<Facts['queue']>('queue'), clusters: of<Facts['cluster']>('cluster') }
}
