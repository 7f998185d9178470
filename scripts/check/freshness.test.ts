import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, assert, test } from 'vitest'
import { findMigratedSubgraphs, generateMigration } from '../codegen/migrations.ts'
import { checkMigrations, checkResolverTypes, checkSupergraph } from './freshness.ts'

const trees: string[] = []
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true })
})

/** A repository of one subgraph, for which nothing has been generated. */
function plantSubgraph(): string {
  const root = mkdtempSync(join(tmpdir(), 'freshness-'))
  trees.push(root)
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(root, 'node_modules'))
  const files = {
    'package.json': '{ "type": "module" }',
    'platform/graph/shared.graphql': 'scalar Decimal\nscalar DateTime\nscalar Cursor',
    'subgraphs/jobs/schema.graphql': 'type Query { job(id: ID!): Job }\ntype Job { id: ID! cost: Decimal }',
    'subgraphs/jobs/store/tables.ts': `
      import { pgSchema, text } from 'drizzle-orm/pg-core'
      export const jobsSchema = pgSchema('jobs')
      export const jobs = jobsSchema.table('jobs', { id: text('id').primaryKey() })`,
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

async function migrate(root: string): Promise<void> {
  for (const subgraph of findMigratedSubgraphs(root)) await generateMigration(root, subgraph, { name: 'tables' })
}

test('resolver types that were never made are not fresh', async () => {
  assert.deepEqual(await checkResolverTypes(plantSubgraph()), [
    'subgraphs/jobs/generated/resolvers.ts is not fresh. Run: npm run codegen',
  ])
})

test('a public schema from before a field came is not fresh', async () => {
  const root = plantSubgraph()
  mkdirSync(join(root, 'gateway/generated'), { recursive: true })
  writeFileSync(join(root, 'gateway/generated/schema.graphql'), 'type Query { job(id: ID!): Job }')
  assert.include(await checkSupergraph(root), 'gateway/generated/schema.graphql is not fresh. Run: npm run codegen')
})

test('migrations that lead to the tables are fresh', async () => {
  const root = plantSubgraph()
  await migrate(root)
  assert.deepEqual(await checkMigrations(root), [])
})

test('a table without a migration is found, and nothing is written', async () => {
  const root = plantSubgraph()
  await migrate(root)
  appendFileSync(
    join(root, 'subgraphs/jobs/store/tables.ts'),
    "\nexport const pods = jobsSchema.table('pods', { id: text('id').primaryKey() })",
  )
  const want = [
    'subgraphs/jobs/store/tables.ts says more than migrations/jobs. Run: npm run codegen -- jobs --name NAME',
  ]
  assert.deepEqual(await checkMigrations(root), want)
  assert.deepEqual(await checkMigrations(root), want)
})

test('a migration put there by hand is found: the migrator would never run it', async () => {
  const root = plantSubgraph()
  await migrate(root)
  writeFileSync(join(root, 'migrations/jobs/0001_secure.sql'), 'select 1')
  assert.deepEqual(await checkMigrations(root), [
    'migrations/jobs/0001_secure.sql is not in the journal. Add such files by: npm run codegen -- SUBGRAPH --custom --name NAME',
  ])
})
