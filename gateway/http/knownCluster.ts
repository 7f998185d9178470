import type { Subgraph } from '../../platform/graph/subgraph.ts'

const PAGE_SIZE = 500

/**
 * The id under which inventory knows a cluster, for a gateway that has not met it: behind a balancer the
 * agent's hello may have reached another one, or this one before it was started anew.
 * @returns null where it is not known, or not for long enough to be told
 */
export async function knownCluster(subgraphs: readonly Subgraph[], name: string): Promise<string | null> {
  const owner = subgraphs.find(({ link }) => link.hello)
  for (let after: string | undefined; owner !== undefined; ) {
    const page = await owner.facts.read(after, PAGE_SIZE)
    const found = page.entries.find(({ kind, body }) => kind === 'cluster' && nameOf(body) === name)
    if (found) return found.key
    if (page.entries.length < PAGE_SIZE) return null
    after = page.position
  }
  return null
}

function nameOf(body: unknown): unknown {
  return (body as { name?: unknown } | null)?.name
}
