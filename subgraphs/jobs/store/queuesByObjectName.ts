import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'

export interface KnownQueue {
  id: string
  /** null: shared. */
  tenantId: string | null
}

/** Queues by the name of their object in Kubernetes, which is unique. */
export async function queuesByObjectName(tx: Tx, names: readonly string[]): Promise<Map<string, KnownQueue>> {
  if (names.length === 0) return new Map()
  const rows = await tx.execute<{ id: string; tenant_id: string | null; name: string }>(sql`
    select id, tenant_id, body ->> 'objectName' as name from known_facts
     where kind = 'queue' and body ->> 'objectName' = any(${textArray(names)})`)
  return new Map(rows.map(({ id, tenant_id, name }) => [name, { id, tenantId: tenant_id }]))
}
