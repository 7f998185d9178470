import { composeServices } from '@theguild/federation-composition'
import { GraphQLError, parse } from 'graphql'

/** What composition needs of a subgraph. */
export interface SubgraphSchema {
  name: string
  typeDefs: string
}

/** The subgraphs do not fit together: the gateway must not start. */
export class CompositionError extends Error {
  readonly code = 'COMPOSITION_FAILED'
  /** Every conflict, one sentence each. */
  readonly conflicts: readonly string[]

  constructor(conflicts: readonly string[]) {
    super(`The subgraphs' schemas do not compose:\n${conflicts.map((conflict) => `- ${conflict}`).join('\n')}`)
    this.name = 'CompositionError'
    this.conflicts = conflicts
  }
}

/**
 * One schema of several: the SDL the router plans with.
 * @throws CompositionError with every conflict there is
 */
export function composeSupergraph(subgraphs: readonly SubgraphSchema[]): string {
  return compose(subgraphs).supergraphSdl
}

/**
 * The schema as clients see it, without the traces of federation.
 * @throws CompositionError with every conflict there is
 */
export function publicSchema(subgraphs: readonly SubgraphSchema[]): string {
  return compose(subgraphs).publicSdl
}

function compose(subgraphs: readonly SubgraphSchema[]): { supergraphSdl: string; publicSdl: string } {
  const services = []
  const unreadable: string[] = []
  for (const { name, typeDefs } of subgraphs) {
    try {
      services.push({ name, typeDefs: parse(typeDefs) })
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      const { line, column } = error.locations?.[0] ?? { line: 1, column: 1 }
      unreadable.push(`[${name}] line ${line}, column ${column}: ${error.message}`)
    }
  }
  if (unreadable.length > 0) throw new CompositionError(unreadable)
  const composed = composeServices(services)
  if (composed.errors) throw new CompositionError(composed.errors.map(({ message }) => message))
  return composed
}
