import { composeSupergraph, publicSchema } from '../../gateway/composition.ts'
import type { GeneratedFile } from './generatedFile.ts'
import { findSubgraphs, typeDefsOf } from './subgraphs.ts'

export const PUBLIC_SCHEMA = 'gateway/generated/schema.graphql'

/**
 * The supergraph and the public API schema, as the gateway composes them when it starts; committed
 * so that a change of the API is seen in review.
 * @throws CompositionError with every conflict there is
 */
export function supergraph(root: string): GeneratedFile[] {
  const schemas = findSubgraphs(root).map((subgraph) => ({ name: subgraph.name, typeDefs: typeDefsOf(root, subgraph) }))
  if (schemas.length === 0) return []
  return [
    { path: 'gateway/generated/supergraph.graphql', content: `${HEADER}${composeSupergraph(schemas).trim()}\n` },
    { path: PUBLIC_SCHEMA, content: `${HEADER}${publicSchema(schemas).trim()}\n` },
  ]
}

const HEADER = '# Made by `npm run codegen`; do not edit.\n'
