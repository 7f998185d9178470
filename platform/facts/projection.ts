import { sql } from 'drizzle-orm'
import type { WallClock } from '../clock.ts'
import type { Database, Tx } from '../database/database.ts'
import { SETTLING_MS } from '../events/positions.ts'
import { comparePositions, FEED_START, type FeedEntry, type FeedPage } from '../feeds/feeds.ts'
import type { SubgraphName } from '../link/protocol.ts'
import type { Log } from '../log.ts'
import { outageOf } from '../outage.ts'
import type { FactsFeed } from './facts.ts'
import type { FactKind, Facts } from './kinds.ts'

export interface FactsProjection {
  /**
   * Waits until everything the owner had published when this was called is here.
   * @returns false where `timeoutMs` passed first: the answer to the caller is NOT_YET_KNOWN
   */
  catchUp(source: SubgraphName, timeoutMs?: number): Promise<boolean>
  /** For how long the source has not answered, or what it said could not be stored. */
  silentMs(source: SubgraphName): number
  stop(): Promise<void>
}

/** Called in the transaction that stores the fact. */
export type OnFact = <K extends FactKind>(tx: Tx, kind: K, fact: Facts[K]) => Promise<void>

/** The same for all facts of a page at once; of several about one object the newest alone. */
export type OnFacts = (tx: Tx, facts: readonly AppliedFact[]) => Promise<void>
export type AppliedFact = { [K in FactKind]: { kind: K; fact: Facts[K] } }[FactKind]

interface FollowOptions {
  database: Database
  feeds: Partial<Record<SubgraphName, FactsFeed>>
  wall: WallClock
  log: Log
  onApplied?: OnFact | undefined
  onAppliedAll?: OnFacts | undefined
  /** Called with what is stored, after its transaction. */
  onCommitted?: ((facts: readonly AppliedFact[]) => void) | undefined
}

/** A decision may rest on a projection this old at most. */
const STALENESS_MS = 2_000
const POLL_MS = 1_000
const PAGE_SIZE = 500

/** Keeps the projection of each source up to date until stopped; an unreachable source is tried again each second. */
export function followFacts({ feeds, ...options }: FollowOptions): FactsProjection {
  const followers = new Map(
    (Object.entries(feeds) as [SubgraphName, FactsFeed][]).map(([source, feed]) => [
      source,
      follow({ ...options, source, feed }),
    ]),
  )
  return {
    async catchUp(source, timeoutMs = STALENESS_MS) {
      const follower = followers.get(source)
      if (!follower) throw new Error(`${options.database.subgraph} does not follow ${source}`)
      return follower.catchUp(timeoutMs)
    },
    silentMs(source) {
      const follower = followers.get(source)
      if (!follower) throw new Error(`${options.database.subgraph} does not follow ${source}`)
      return follower.silentMs()
    },
    async stop() {
      await Promise.all([...followers.values()].map((follower) => follower.stop()))
    },
  }
}

interface FollowerOptions extends Omit<FollowOptions, 'feeds'> {
  source: SubgraphName
  feed: FactsFeed
}

function follow(options: FollowerOptions) {
  const { database, source, feed, wall, log } = options
  let through: string | undefined
  let heardAtMs = wall.nowMs()
  let stopped = false
  let wake: () => void = () => {}
  let changed = true
  const waiters = new Set<() => void>()
  const offChange = feed.onChange(() => {
    changed = true
    wake()
  })

  /** @returns after how many milliseconds to look again, if nothing wakes us before */
  async function step(): Promise<number> {
    through ??= await database.read({ role: 'ingest' }, (tx) => storedPosition(tx, source))
    const page = await feed.read(through === FEED_START ? undefined : through, PAGE_SIZE)
    const soon = page.isMoreComing ? SETTLING_MS : POLL_MS
    if (page.entries.length > 0) {
      const facts = await database.write({ role: 'ingest' }, (tx) => applyPage(tx, page, options))
      options.onCommitted?.(facts)
      through = page.position
    }
    heardAtMs = wall.nowMs()
    for (const waiter of [...waiters]) waiter()
    return page.entries.length === PAGE_SIZE ? 0 : soon
  }

  async function run(): Promise<void> {
    const outage = outageOf(log, { source, subgraph: database.subgraph }, 'facts cannot be followed')
    while (!stopped) {
      changed = false
      let pauseMs = POLL_MS
      try {
        pauseMs = await step()
        outage.over()
      } catch (error) {
        if (!stopped) outage.failed(error)
      }
      if (stopped) return
      if (!changed && pauseMs > 0) await pause(pauseMs)
    }
  }

  /** Until the feed says it changed, or so long. */
  function pause(pauseMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  const running = run()
  return {
    async catchUp(timeoutMs: number): Promise<boolean> {
      const deadline = AbortSignal.timeout(timeoutMs)
      const head = await feed.head().catch(() => null)
      if (head === null) return false
      const isThrough = () => through !== undefined && comparePositions(through, head) >= 0
      while (!isThrough() && head !== FEED_START) {
        if (deadline.aborted) return false
        const { promise, resolve } = Promise.withResolvers<void>()
        waiters.add(resolve)
        deadline.addEventListener('abort', () => resolve(), { once: true })
        wake()
        await promise
        waiters.delete(resolve)
      }
      return true
    },
    silentMs: () => wall.nowMs() - heardAtMs,
    async stop(): Promise<void> {
      stopped = true
      offChange()
      wake()
      await running
    },
  }
}

async function storedPosition(tx: Tx, source: SubgraphName): Promise<string> {
  const [row] = await tx.execute<{ position: string }>(sql`select position from facts_through where source = ${source}`)
  return row?.position ?? FEED_START
}

/**
 * Applies what of a page no other replica has: the row of the source, held until commit, says how far the
 * projection has come. What lies before that was settled when it was read, and so was read whole.
 * @returns every fact of the page
 */
async function applyPage(tx: Tx, { entries, position }: FeedPage, options: FollowerOptions): Promise<AppliedFact[]> {
  await tx.execute(sql`
    insert into facts_through (source, position) values (${options.source}, ${FEED_START}) on conflict do nothing`)
  const [row] = await tx.execute<{ position: string }>(
    sql`select position from facts_through where source = ${options.source} for update`,
  )
  const reached = row?.position ?? FEED_START
  const fresh = entries.filter((entry) => comparePositions(entry.position, reached) > 0)
  if (fresh.length > 0) await apply(tx, fresh, position, options)
  return factsOf(entries)
}

function factsOf(entries: readonly FeedEntry[]): AppliedFact[] {
  return entries
    .filter(({ body }) => body !== null)
    .map(({ kind, body }) => ({ kind, fact: body }) as unknown as AppliedFact)
}

async function apply(
  tx: Tx,
  entries: readonly FeedEntry[],
  position: string,
  { source, onApplied, onAppliedAll }: FollowerOptions,
): Promise<void> {
  const rows = entries.map(({ kind, key, tenantId, body }) => ({ kind, id: key, tenant_id: tenantId, body }))
  await tx.execute(sql`
    insert into known_facts (kind, id, tenant_id, body)
    select kind, id, tenant_id, body
      from jsonb_to_recordset(${JSON.stringify(rows.filter((row) => row.body !== null))}::jsonb)
        as row(kind text, id text, tenant_id text, body jsonb)
    on conflict (kind, id) do update set tenant_id = excluded.tenant_id, body = excluded.body`)
  for (const gone of rows.filter((row) => row.body === null)) {
    await tx.execute(sql`delete from known_facts where kind = ${gone.kind} and id = ${gone.id}`)
  }
  await tx.execute(sql`update facts_through set position = ${position} where source = ${source}`)
  const facts = factsOf(entries)
  await onAppliedAll?.(tx, facts)
  if (onApplied) for (const { kind, fact } of facts) await onApplied(tx, kind, fact)
}
