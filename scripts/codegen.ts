import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { GeneratedFile } from './codegen/generatedFile.ts'
import { findMigratedSubgraphs, generateMigration } from './codegen/migrations.ts'
import { resolverTypes } from './codegen/resolverTypes.ts'
import { findSubgraphs } from './codegen/subgraphs.ts'
import { supergraph } from './codegen/supergraph.ts'

/**
 * Regenerates everything that is generated and committed; with names, only what belongs to those subgraphs.
 *   npm run codegen -- [SUBGRAPH…] [--name NAME] [--custom]
 *   --name    what to call a migration, should one be due
 *   --custom  only adds an empty migration, for SQL that tables.ts cannot say
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { name: { type: 'string', default: 'tables' }, custom: { type: 'boolean', default: false } },
})
const root = join(import.meta.dirname, '..')
const known = findSubgraphs(root).map(({ name }) => name)
const unknown = positionals.filter((name) => !known.includes(name))

if (unknown.length > 0) fail(`There is no subgraph ${unknown.join(', ')}; there are ${known.join(', ')}.`)
else if (values.custom && positionals.length !== 1) fail('--custom needs the name of one subgraph.')
else await regenerate(positionals.length > 0 ? positionals : known)

async function regenerate(names: string[]): Promise<void> {
  if (!values.custom) {
    write(await resolverTypes(root, names))
    if (positionals.length === 0) write(supergraph(root))
  }
  const migrated = findMigratedSubgraphs(root).filter(({ name }) => names.includes(name))
  for (const subgraph of migrated) await generateMigration(root, subgraph, values)
}

function write(files: GeneratedFile[]): void {
  for (const { path, content } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
}

function fail(message: string): void {
  console.error(message)
  process.exitCode = 1
}
