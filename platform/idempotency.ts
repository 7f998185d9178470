import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Tx } from './database/database.ts'
import type { UserError } from './graph/errors.ts'
import type { Json } from './json.ts'

/** What a mutation comes to: ids to answer from, or refusals that the caller can mend. */
export type Outcome<T extends Json> = { ok: true; result: T } | { ok: false; errors: UserError[] }

export interface Scope {
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
  const { tenantId, principal, mutation, key } = scope
  const unusable = keyRefusal(key)
  if (unusable) return unusable
  if (key === null || key === undefined) return run()
  if (!(await claimKey(tx, scope, null))) return (await recall<T>(tx, scope)) ?? run()
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

/**
 * Takes a key together with its result, for a mutation whose result is known before it is stored: sent
 * with the other writes, it costs no wait of its own. Two at once wait for each other.
 * @returns false where it was taken before; the caller then rolls back and recalls
 */
export async function claimKey(tx: Tx, scope: Scope, result: Json): Promise<boolean> {
  const { tenantId, principal, mutation, key, now } = scope
  if (key === null || key === undefined) return true
  const claimed = await tx.execute(sql`
    insert into idempotency (tenant_id, principal, mutation, key, input_hash, result, at)
    values (${tenantId}, ${principal}, ${mutation}, ${key}, ${hashOf(scope)},
            nullif(${JSON.stringify(result)}::jsonb, 'null'::jsonb), ${now.toISOString()})
    on conflict do nothing returning 1`)
  return claimed.length > 0
}

/** What the key was first answered with; null where it is new, or there is none. */
export async function recall<T extends Json>(tx: Tx, scope: Scope): Promise<Outcome<T> | null> {
  const { tenantId, principal, mutation, key } = scope
  if (key === null || key === undefined) return null
  const [first] = await tx.execute<{ input_hash: string; result: T }>(sql`
    select input_hash, result from idempotency
     where tenant_id = ${tenantId} and principal = ${principal} and mutation = ${mutation} and key = ${key}`)
  if (!first) return null
  if (first.input_hash === hashOf(scope)) return { ok: true, result: first.result }
  return refused(
    'IDEMPOTENCY_CONFLICT',
    'This idempotencyKey was used with another input.',
    'Send a new key for a new request.',
  )
}

/** @returns null where the key can be used, or there is none */
export function keyRefusal(key: string | null | undefined): { ok: false; errors: UserError[] } | null {
  if (key === null || key === undefined) return null
  if (key.length > 0 && key.length <= MAX_KEY_LENGTH && !key.includes('\0')) return null
  return refused(
    'IDEMPOTENCY_KEY_INVALID',
    `An idempotencyKey has 1 to ${MAX_KEY_LENGTH} characters, none of them NUL.`,
    'Send a UUID.',
  )
}

function hashOf({ input }: Scope): string {
  return createHash('sha256').update(canonical(input)).digest('hex')
}

function refused(code: string, message: string, fix: string): { ok: false; errors: UserError[] } {
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
