import { sql } from 'drizzle-orm'
import type { GraphQLError } from 'graphql'
import type { WallClock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import type { Facts } from '../facts/kinds.ts'
import type { AppliedFact, FactsProjection } from '../facts/projection.ts'
import type { Identity } from '../identity/identity.ts'
import { refuse } from './errors.ts'

/** Whether who asks may still ask: by the token's time, and by what tenants says of its members. */
export interface Access {
  /** Begins to hold callers against the facts. */
  begin(projection: Pick<FactsProjection, 'silentMs'>): void
  /** Facts that are stored now. */
  learn(facts: readonly AppliedFact[]): void
  /** For a request. @throws GraphQLError MEMBER_REMOVED */
  check(identity: Identity): Promise<void>
  /** For a stream, which would otherwise outlive the right it was opened with. */
  reasonToEnd(identity: Identity): GraphQLError | null
  /** Calls `end` once there is a reason to. @returns forgets it */
  watch(identity: Identity, end: (reason: GraphQLError) => void): () => void
  stop(): void
}

interface AccessOptions {
  database: Database
  wall: WallClock
}

/** Who cannot be told of removals for so long may have missed one: its streams end and can be resumed. */
export const SILENCE_MS = 5_000
const SWEEP_MS = 500

export function createAccess({ database, wall }: AccessOptions): Access {
  /** When the member was removed: tokens from before open nothing more. */
  const removedAtMs = new Map<string, number>()
  const open = new Set<{ identity: Identity; end: (reason: GraphQLError) => void }>()
  let projection: Pick<FactsProjection, 'silentMs'> | undefined
  let known: Promise<void> | undefined
  let sweeping: NodeJS.Timeout | undefined

  function note({ tenantId, subject, at }: Facts['removal']) {
    const key = keyOf(tenantId, subject)
    removedAtMs.set(key, Math.max(removedAtMs.get(key) ?? 0, Date.parse(at)))
  }

  async function load(): Promise<void> {
    const rows = await database.read({ role: 'ingest' }, (tx) =>
      tx.execute<{ body: Facts['removal'] }>(sql`select body from known_facts where kind = 'removal'`),
    )
    for (const { body } of rows) note(body)
  }

  const isRemoved = (identity: Identity) =>
    identity.kind === 'member' &&
    identity.issuedAtMs <= (removedAtMs.get(keyOf(identity.tenantId, identity.subject)) ?? Number.NEGATIVE_INFINITY)

  function reasonToEnd(identity: Identity): GraphQLError | null {
    if (wall.nowMs() >= identity.expiresAtMs)
      return refuse('TOKEN_EXPIRED', 'The token has expired; resume with a new one after the last cursor.')
    if (isRemoved(identity)) return memberRemoved()
    if (identity.kind === 'member' && projection !== undefined && projection.silentMs('tenants') > SILENCE_MS)
      return refuse(
        'SERVICE_UNAVAILABLE',
        'Whether you may still see this cannot be told at the moment; resume after the last cursor.',
      )
    return null
  }

  function sweep() {
    for (const { identity, end } of [...open]) {
      const reason = reasonToEnd(identity)
      if (reason !== null) end(reason)
    }
  }

  return {
    begin(followed) {
      projection = followed
      sweeping = setInterval(sweep, SWEEP_MS)
      sweeping.unref()
    },
    learn(facts) {
      const removals = facts.filter(({ kind }) => kind === 'removal')
      if (removals.length === 0) return
      for (const { fact } of removals) note(fact as Facts['removal'])
      sweep()
    },
    async check(identity) {
      if (identity.kind !== 'member' || projection === undefined) return
      known ??= load().catch((error) => {
        known = undefined
        throw error
      })
      await known
      if (isRemoved(identity)) throw memberRemoved()
    },
    reasonToEnd,
    watch(identity, end) {
      const stream = { identity, end }
      open.add(stream)
      return () => open.delete(stream)
    },
    stop() {
      clearInterval(sweeping)
    },
  }
}

/** A subject is free text: only JSON keeps the two apart. */
function keyOf(tenantId: string, subject: string): string {
  return JSON.stringify([tenantId, subject])
}

function memberRemoved(): GraphQLError {
  return refuse('MEMBER_REMOVED', 'You were removed from this tenant; ask its administrators.')
}
