import { setTimeout as pause } from 'node:timers/promises'
import type { Database, Tx } from '../database/database.ts'
import { logEpoch } from '../events/events.ts'
import { SETTLING_MS } from '../events/positions.ts'
import { type FeedEntry, feedTopic, publish, readFeed, retract } from '../feeds/feeds.ts'
import type { Json } from '../json.ts'
import type { Wakeups } from '../wakeups.ts'
import type { Directive, DirectiveKind, DirectivesPage, DirectivesRequest } from './protocol.ts'

/** Directives to one cluster are a feed of their own. */
export function directivesFeed(clusterId: string): string {
  return `cluster:${clusterId}`
}

/** The wanted state of one object from now on; a null body: it should not exist. */
export async function putDirective(
  tx: Tx,
  clusterId: string,
  directive: { kind: DirectiveKind; key: string; tenantId: string | null; body: object | null },
): Promise<void> {
  await publish(tx, { ...directive, feed: directivesFeed(clusterId), body: directive.body as Json | null })
}

/** Nothing is wanted of this object any more: agents that start anew never hear of it. */
export async function dropDirective(tx: Tx, clusterId: string, kind: DirectiveKind, key: string): Promise<void> {
  await retract(tx, { feed: directivesFeed(clusterId), kind, key })
}

const MAX_WAIT_MS = 30_000

/** Answers an agent; holds the request while there is nothing, so that a directive arrives at once. */
export async function readDirectives(
  database: Database,
  wakeups: Wakeups,
  { clusterId, after, epoch: known, limit, waitMs }: DirectivesRequest,
  signal: AbortSignal,
): Promise<DirectivesPage> {
  const feed = directivesFeed(clusterId)
  const deadlineMs = performance.now() + Math.min(waitMs, MAX_WAIT_MS)
  for (;;) {
    // Waits from before the read, so that what commits meanwhile is not missed; looks again each second all the same.
    const reading = new AbortController()
    const woken = wakeups.wait(feedTopic(database.subgraph, feed), 1_000, AbortSignal.any([signal, reading.signal]))
    const { page, epoch } = await database.read({ role: 'ingest' }, async (tx) => {
      const epoch = await logEpoch(tx)
      const isOfThisHistory = known === undefined || known === epoch
      return { page: await readFeed(tx, feed, isOfThisHistory ? after : undefined, Math.min(limit, 1_000)), epoch }
    })
    if (page.entries.length > 0 || signal.aborted || performance.now() >= deadlineMs) {
      reading.abort()
      return { directives: page.entries.map(directiveOf), position: page.position, epoch }
    }
    if (page.isMoreComing) {
      reading.abort()
      await pause(SETTLING_MS)
    } else {
      await woken
    }
  }
}

function directiveOf({ kind, key, body, position }: FeedEntry): Directive {
  return { kind, key, body, position } as unknown as Directive
}
