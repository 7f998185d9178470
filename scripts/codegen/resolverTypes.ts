import { existsSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { generate } from '@graphql-codegen/cli'
import type { Types } from '@graphql-codegen/plugin-helpers'
import type { GeneratedFile } from './generatedFile.ts'
import { findSubgraphs, SHARED_SCHEMA, type SubgraphFolder } from './subgraphs.ts'

/** subgraphs/X/generated/resolvers.ts: the types that X's resolvers are written against. All subgraphs unless named. */
export async function resolverTypes(root: string, names?: string[]): Promise<GeneratedFile[]> {
  const subgraphs = findSubgraphs(root).filter(({ name }) => names?.includes(name) ?? true)
  if (subgraphs.length === 0) return []
  const generates = Object.fromEntries(
    subgraphs.map((subgraph) => [
      `${subgraph.path}/generated/resolvers.ts`,
      {
        schema: [SHARED_SCHEMA, subgraph.schemaPath],
        plugins: ['typescript', 'typescript-resolvers'],
        config: configOf(root, subgraph),
      },
    ]),
  )
  const files: Types.FileOutput[] = await generate(
    {
      cwd: root,
      generates,
      silent: true,
      importExtension: '.ts',
      emitLegacyCommonJSImports: false,
      // Plugins are this repository's own, also where `root` is another tree.
      pluginLoader: (name: string) => import(name),
    },
    false,
  )
  return files.map(({ filename, content }) => ({
    path: relative(root, resolve(root, filename)),
    content: `// Made by \`npm run codegen\`; do not edit.\n${content}`,
  }))
}

function configOf(root: string, subgraph: SubgraphFolder) {
  return {
    federation: true,
    useTypeImports: true,
    enumsAsTypes: true,
    // A resolver is a plain function: tests call it without asking which form it has.
    makeResolverTypeCallable: true,
    strictScalars: true,
    scalars: {
      DateTime: { input: 'string', output: 'Date | string' },
      Decimal: 'string',
      Cursor: 'string',
      _FieldSet: 'string',
    },
    mappers: mappersOf(root, subgraph),
    ...(existsSync(join(root, subgraph.path, 'context.ts')) ? { contextType: '../context.ts#Context' } : {}),
  }
}

/**
 * `export type JobMapper = …` in subgraphs/X/mappers.ts says what resolvers hand on for the GraphQL
 * type Job: a row, say, whose other fields have resolvers of their own.
 */
function mappersOf(root: string, subgraph: SubgraphFolder): Record<string, string> {
  const path = join(root, subgraph.path, 'mappers.ts')
  if (!existsSync(path)) return {}
  const names = readFileSync(path, 'utf8').matchAll(/^export (?:type|interface) (\w+)Mapper\b/gm)
  return Object.fromEntries([...names].map(([, type]) => [type, `../mappers.ts#${type}Mapper`]))
}
