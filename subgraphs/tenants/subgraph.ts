import { buildSubgraph, type HostedSubgraph, type SubgraphDeps } from '../../platform/graph/subgraph.ts'
import type { Context } from './context.ts'
import { serveCluster } from './domain/serveCluster.ts'
import { resolvers } from './resolvers/index.ts'

export interface TenantsDeps extends SubgraphDeps {
  /** Port to the owners of the other Node types: is there such an object, for the caller of `identityToken`? */
  entityExists(typename: string, id: string, identityToken: string, requestId: string): Promise<boolean>
}

/** Who there is: tenants, their projects, and whom a token names. Owns `node(id:)`. */
export async function createTenantsSubgraph(deps: TenantsDeps): Promise<HostedSubgraph> {
  return buildSubgraph<Context>(deps, {
    name: 'tenants',
    schema: new URL('schema.graphql', import.meta.url),
    resolvers,
    context: (base) =>
      Object.assign(base, {
        wall: deps.wall,
        entityExists: (typename: string, id: string) =>
          deps.entityExists(typename, id, base.identityToken, base.requestId),
      }),
    follows: ['inventory'],
    onFact: async (tx, kind, fact) => {
      if (kind === 'cluster') await serveCluster(tx, fact.id)
    },
  })
}
