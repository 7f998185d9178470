import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { GeneratedFile } from './codegen/generatedFile.ts'
import { findMigratedSubgraphs, generateMigration } from './codegen/migrations.ts'
import { resolverTypes } from './codegen/resolverTypes.ts'
import { composeSupergraph } from './codegen/supergraph.ts'

/**
 * Regenerates everything that is generated and committed.
 *   --name NAME         what to call a migration, should one be due
 *   --custom SUBGRAPH   adds an empty migration there, for SQL that tables.ts cannot say; nothing else
 */
const { values } = parseArgs({ options: { name: { type: 'string', default: 'tables' }, custom: { type: 'string' } } })
const root = join(import.meta.dirname, '..')

if (values.custom === undefined) await regenerate(values.name)
else await addCustomMigration(values.custom, values.name)

async function regenerate(migrationName: string): Promise<void> {
  write(await resolverTypes(root))
  const composition = composeSupergraph(root)
  if (composition.ok) write(composition.files)
  else fail(`The subgraphs do not compose:\n${composition.errors.join('\n')}`)
  for (const subgraph of findMigratedSubgraphs(root)) await generateMigration(root, subgraph, { name: migrationName })
}

async function addCustomMigration(name: string, migrationName: string): Promise<void> {
  const subgraph = findMigratedSubgraphs(root).find((known) => known.name === name)
  if (subgraph) await generateMigration(root, subgraph, { name: migrationName, custom: true })
  else fail(`No subgraph ${name} with a store/tables.ts.`)
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
