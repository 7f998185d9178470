import { remoteSubgraph } from '../../platform/graph/remote/remoteSubgraph.ts'
import { type Subgraph, typeDefsOf } from '../../platform/graph/subgraph.ts'
import type { RoleTokens } from '../../platform/identity/roleTokens.ts'
import { SUBGRAPH_NAMES, type SubgraphName } from '../../platform/link/protocol.ts'

/** The subgraphs in their own processes, whether they are there yet or not. */
export function connectPeers(urls: Record<SubgraphName, string>, roles: RoleTokens): Record<SubgraphName, Subgraph> {
  return Object.fromEntries(
    SUBGRAPH_NAMES.map((name) => [
      name,
      remoteSubgraph({
        name,
        url: urls[name],
        typeDefs: typeDefsOf(new URL(`../../subgraphs/${name}/schema.graphql`, import.meta.url)),
        roles,
        offers: { hello: name === 'inventory', download: name === 'metering' },
      }),
    ]),
  ) as Record<SubgraphName, Subgraph>
}
