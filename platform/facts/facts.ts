import { sql } from 'drizzle-orm'
import type { Database, Tx } from '../database/database.ts'
import { type FeedPage, feedHead, feedTopic, publish, publishAll, readFeed } from '../feeds/feeds.ts'
import type { Json } from '../json.ts'
import type { Wakeups } from '../wakeups.ts'
import type { FactKind, Facts } from './kinds.ts'

/** What a subgraph lets the others know: a port, by function call here, over HTTP where it runs apart. */
export interface FactsFeed {
  head(): Promise<string>
  read(after: string | undefined, limit: number): Promise<FeedPage>
  /** @returns ends the subscription */
  onChange(run: () => void): () => void
}

/** Name of the feed that a subgraph's facts are in. */
export const FACTS_FEED = 'facts'

/** Publishes the newest state of one fact, in the change's own transaction. */
export async function publishFact<K extends FactKind>(
  tx: Tx,
  kind: K,
  tenantId: string | null,
  fact: Facts[K],
): Promise<void> {
  await publish(tx, { feed: FACTS_FEED, kind, key: fact.id, tenantId, body: fact as unknown as Json })
}

/** Publishes several facts of one kind in one statement; their ids must differ. */
export async function publishFacts<K extends FactKind>(
  tx: Tx,
  kind: K,
  facts: readonly { tenantId: string | null; fact: Facts[K] }[],
): Promise<void> {
  await publishAll(
    tx,
    FACTS_FEED,
    facts.map(({ tenantId, fact }) => ({ kind, key: fact.id, tenantId, body: fact as unknown as Json })),
  )
}

export function factsFeed(database: Database, wakeups: Wakeups): FactsFeed {
  return {
    head: () => database.read({ role: 'ingest' }, (tx) => feedHead(tx, FACTS_FEED)),
    read: (after, limit) => database.read({ role: 'ingest' }, (tx) => readFeed(tx, FACTS_FEED, after, limit)),
    onChange: (run) => wakeups.on(feedTopic(database.subgraph, FACTS_FEED), run),
  }
}

/** What this subgraph knows of another's object; null where it is not known (yet), or not the actor's to see. */
export async function knownFact<K extends FactKind>(tx: Tx, kind: K, id: string): Promise<Facts[K] | null> {
  const [row] = await tx.execute<{ body: Facts[K] }>(
    sql`select body from known_facts where kind = ${kind} and id = ${id}`,
  )
  return row?.body ?? null
}

export async function knownFactsOf<K extends FactKind>(
  tx: Tx,
  kind: K,
  where: { tenantId?: string | null } = {},
): Promise<Facts[K][]> {
  const ofTenant = where.tenantId === undefined ? sql`` : sql`and tenant_id is not distinct from ${where.tenantId}`
  const rows = await tx.execute<{ body: Facts[K] }>(
    sql`select body from known_facts where kind = ${kind} ${ofTenant} order by id`,
  )
  return rows.map((row) => row.body)
}
