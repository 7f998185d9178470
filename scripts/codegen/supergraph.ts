import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql'
import type { GeneratedFile } from './generatedFile.ts'
import { findSubgraphs, typeDefsOf } from './subgraphs.ts'

export const PUBLIC_SCHEMA = 'gateway/generated/schema.graphql'
export const SUPERGRAPH = 'gateway/generated/supergraph.graphql'

export type Composition = { ok: true; files: GeneratedFile[] } | { ok: false; errors: string[] }

/** The supergraph and the public API schema, as the gateway composes them when it starts; committed so that a change of the API is seen in review. */
export function composeSupergraph(root: string): Composition {
  const subgraphs = findSubgraphs(root)
  if (subgraphs.length === 0) return { ok: true, files: [] }
  const { errors, supergraphSdl, publicSdl } = composeServices(
    subgraphs.map((subgraph) => ({ name: subgraph.name, typeDefs: parse(typeDefsOf(root, subgraph)) })),
  )
  if (errors) return { ok: false, errors: errors.map(({ message }) => message) }
  return {
    ok: true,
    files: [
      { path: SUPERGRAPH, content: `${HEADER}${supergraphSdl.trim()}\n` },
      { path: PUBLIC_SCHEMA, content: `${HEADER}${publicSdl.trim()}\n` },
    ],
  }
}

const HEADER = '# Made by `npm run codegen`; do not edit.\n'
