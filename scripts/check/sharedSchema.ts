import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'graphql'
import { findSubgraphs, SHARED_SCHEMA } from '../codegen/subgraphs.ts'

/** No subgraph declares for itself what the shared schema gives to all: there is one text of it. */
export async function checkSharedSchema(root: string): Promise<string[]> {
  const subgraphs = findSubgraphs(root)
  if (subgraphs.length === 0) return []
  const shared = new Set(declaredNames(join(root, SHARED_SCHEMA)))
  return subgraphs.flatMap(({ schemaPath }) =>
    declaredNames(join(root, schemaPath))
      .filter((name) => shared.has(name))
      .map((name) => `${schemaPath} declares ${name}, which ${SHARED_SCHEMA} gives`),
  )
}

function declaredNames(path: string): string[] {
  return parse(readFileSync(path, 'utf8')).definitions.flatMap((definition) =>
    definition.kind.endsWith('TypeDefinition') && 'name' in definition && definition.name
      ? [definition.name.value]
      : [],
  )
}
