import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findSubgraphs } from './subgraphs.ts'

/** A subgraph whose tables drizzle-kit turns into migrations. Paths relative to the root. */
export interface MigratedSubgraph {
  name: string
  tablesPath: string
  migrationsPath: string
}

export function findMigratedSubgraphs(root: string): MigratedSubgraph[] {
  return findSubgraphs(root)
    .map(({ name, path }) => ({ name, tablesPath: `${path}/store/tables.ts`, migrationsPath: `migrations/${name}` }))
    .filter(({ tablesPath }) => existsSync(join(root, tablesPath)))
}

export interface MigrationOptions {
  /** Becomes part of the file's name. */
  name: string
  /** An empty file for SQL that tables.ts cannot say (roles, policies, triggers, moved data). */
  custom?: boolean
  /** Where the migrations stand, if not in migrations/. Relative to the root. */
  migrationsPath?: string
}

/**
 * Adds the migration from what the last one left to tables.ts, or nothing if they agree.
 * @throws where drizzle-kit fails, also where it would ask whether something was renamed: then run it by hand
 */
export async function generateMigration(
  root: string,
  subgraph: MigratedSubgraph,
  options: MigrationOptions,
): Promise<void> {
  const flags = [
    '--dialect=postgresql',
    `--schema=${subgraph.tablesPath}`,
    `--out=${options.migrationsPath ?? subgraph.migrationsPath}`,
    `--name=${options.name}`,
    ...(options.custom ? ['--custom'] : []),
  ]
  const drizzleKit = join(import.meta.dirname, '../../node_modules/drizzle-kit/bin.cjs')
  const run = promisify(execFile)(process.execPath, [drizzleKit, 'generate', ...flags], { cwd: root, timeout: 60_000 })
  run.child.stdin?.end()
  const { stdout, stderr } = await run
  // drizzle-kit reports some failures, a question it cannot ask among them, with exit code 0.
  if (!/No schema changes|migration file|Your SQL migration/i.test(stdout)) throw new Error(`${stdout}${stderr}`.trim())
}
