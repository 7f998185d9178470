import { sql } from 'drizzle-orm'
import type { Tx } from './database/database.ts'
import { storableJson } from './json.ts'
import { count } from './telemetry/metrics.ts'

export interface AuditEntry {
  /** Tenant id, or PLATFORM. */
  tenantId: string
  at: Date
  principal: string
  /** The mutation or decision, such as `submitJob`. */
  action: string
  objectId: string | null
  decision: 'allowed' | 'denied'
  requestId: string
  input: unknown
}

/** Commits with the change it records; a change that cannot be recorded does not happen. */
export async function audit(tx: Tx, entry: AuditEntry): Promise<void> {
  const { subgraph } = tx
  const written = tx.execute(sql`
    insert into audit_log (tenant_id, at, principal, action, object_id, decision, request_id, input)
    values (${entry.tenantId}, ${entry.at.toISOString()}, ${entry.principal}, ${entry.action}, ${entry.objectId},
            ${entry.decision}, ${entry.requestId}, ${storableJson(entry.input)}::jsonb)`)
  written.catch(() => count('sluice_audit_write_errors_total', { subgraph }))
  tx.afterCommit(() => count('sluice_audit_events_total', { subgraph, outcome: entry.decision }))
  await written
}
