import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Tx } from './database/database.ts'
import type { UserError } from './graph/errors.ts'
import type { Json } from './json.ts'

/** What a mutation comes to: ids to answer from, or refusals that the caller can mend. */
export type Outcome<T extends Json> = { ok: true; result: T } | { ok: false; errors: UserError[] }

interface Scope {
  /** Tenant id, or PLATFORM. */
  tenantId: string
  principal: string
  mutation: string
  key: string | null | undefined
  /** The whole input; its hash tells the same request from another one under the same key. */
  input: unknown
  now: Date
}

const MAX_KEY_LENGTH = 255

/**
 * Runs a mutation once per key: the same key and input again gives the first result, another input
 * is refused. Two at once wait for each other on the key's row. Refusals store nothing.
 */
export async function idempotent<T extends Json>(
  tx: Tx,
  scope: Scope,
  run: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const { tenantId, principal, mutation, key, input, now } = scope
  if (key === null || key === undefined) return run()
  if (key.length === 0 || key.length > MAX_KEY_LENGTH || key.includes('\0'))
    return refused(
      'IDEMPOTENCY_KEY_INVALID',
      `An idempotencyKey has 1 to ${MAX_KEY_LENGTH} characters, none of them NUL.`,
      'Send a UUID.',
    )
  const hash = createHash('sha256').update(canonical(input)).digest('hex')
  const claimed = await tx.execute(sql`
    insert into idempotency (tenant_id, principal, mutation, key, input_hash, result, at)
    values (${tenantId}, ${principal}, ${mutation}, ${key}, ${hash}, null, ${now.toISOString()})
    on conflict do nothing returning 1`)
  if (claimed.length === 0) {
    const [first] = await tx.execute<{ input_hash: string; result: T }>(sql`
      select input_hash, result from idempotency
       where tenant_id = ${tenantId} and principal = ${principal} and mutation = ${mutation} and key = ${key}`)
    if (first?.input_hash === hash) return { ok: true, result: first.result }
    return refused(
      'IDEMPOTENCY_CONFLICT',
      'This idempotencyKey was used with another input.',
      'Send a new key for a new request.',
    )
  }
  const outcome = await run()
  await tx.execute(
    outcome.ok
      ? sql`update idempotency set result = ${JSON.stringify(outcome.result)}::jsonb
             where tenant_id = ${tenantId} and principal = ${principal} and mutation = ${mutation} and key = ${key}`
      : sql`delete from idempotency
             where tenant_id = ${tenantId} and principal = ${principal} and mutation = ${mutation} and key = ${key}`,
  )
  return outcome
}

function refused<T extends Json>(code: string, message: string, fix: string): Outcome<T> {
  return { ok: false, errors: [{ code, field: ['idempotencyKey'], message, fix }] }
}

/** JSON with sorted keys and without absent values: the order in which a client writes fields says nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}
