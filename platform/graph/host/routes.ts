import { FACTS_FEED } from '../../facts/facts.ts'
import { feedTopic } from '../../feeds/feeds.ts'
import type { Wakeups } from '../../wakeups.ts'
import type { HostedSubgraph } from '../subgraph.ts'
import type { FactsChanges, FactsRead, FactsVerb, LinkVerb } from './paths.ts'

/** Answers a body with a body. `signal` aborts when nobody waits for the answer any more. */
export type PlainRoute = (body: never, signal: AbortSignal) => Promise<unknown>

/** The agents' link, as the gateway hands it on. */
export function linkRoutes({ link }: HostedSubgraph): Partial<Record<LinkVerb, PlainRoute>> {
  const { hello } = link
  return {
    directives: (request, signal) => link.directives(request, signal),
    observe: (batch) => link.observe(batch),
    head: (clusterId) => link.head(clusterId),
    ...(hello && { hello }),
  }
}

const MAX_WAIT_MS = 60_000

/** The facts of this subgraph, for the others. */
export function factsRoutes({ name, facts }: HostedSubgraph, wakeups: Wakeups): Record<FactsVerb, PlainRoute> {
  return {
    head: () => facts.head(),
    read: ({ after, limit }: FactsRead) => facts.read(after ?? undefined, limit),
    async changes({ since, waitMs }: FactsChanges, signal) {
      // Waiting begins before looking: what changes in between ends the wait.
      const changed = wakeups.wait(feedTopic(name, FACTS_FEED), Math.min(waitMs, MAX_WAIT_MS), signal)
      const head = await facts.head()
      if (head !== since) return head
      await changed
      return facts.head()
    },
  }
}
