import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A folder of subgraphs/ that has a schema. */
export interface SubgraphFolder {
  name: string
  /** Relative to the root of the repository, as are all paths here. */
  path: string
  schemaPath: string
}

export const SHARED_SCHEMA = 'platform/graph/shared.graphql'

/** Alphabetical, so that what is generated from them does not depend on the file system. */
export function findSubgraphs(root: string): SubgraphFolder[] {
  const folder = join(root, 'subgraphs')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'schema.graphql')))
    .map(({ name }) => ({ name, path: `subgraphs/${name}`, schemaPath: `subgraphs/${name}/schema.graphql` }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** What the subgraph serves and composition reads: its own schema after the shared one. */
export function typeDefsOf(root: string, subgraph: SubgraphFolder): string {
  return [SHARED_SCHEMA, subgraph.schemaPath].map((path) => readFileSync(join(root, path), 'utf8')).join('\n')
}
