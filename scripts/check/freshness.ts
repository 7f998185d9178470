import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { GeneratedFile } from '../codegen/generatedFile.ts'
import { findMigratedSubgraphs, generateMigration, type MigratedSubgraph } from '../codegen/migrations.ts'
import { resolverTypes } from '../codegen/resolverTypes.ts'
import { supergraph } from '../codegen/supergraph.ts'

/** Resolver types are what codegen makes of the schemas today. */
export async function checkResolverTypes(root: string): Promise<string[]> {
  return stale(root, await resolverTypes(root))
}

/** The subgraphs compose, and the committed supergraph and public schema are what comes out. */
export async function checkSupergraph(root: string): Promise<string[]> {
  return stale(root, supergraph(root))
}

/** @param command what makes them */
export function stale(root: string, files: GeneratedFile[], command = 'npm run codegen'): string[] {
  return files
    .filter(({ path, content }) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== content)
    .map(({ path }) => `${path} is not fresh. Run: ${command}`)
}

/** Every migration file is in the journal, and together they lead to tables.ts. */
export async function checkMigrations(root: string): Promise<string[]> {
  const findings: string[] = []
  for (const subgraph of findMigratedSubgraphs(root)) {
    findings.push(...unlistedMigrations(root, subgraph), ...(await dueMigration(root, subgraph)))
  }
  return findings
}

/** The migrator runs what the journal lists: a file put there by hand would never run. */
function unlistedMigrations(root: string, { migrationsPath }: MigratedSubgraph): string[] {
  const files = sqlFiles(join(root, migrationsPath))
  const journalPath = join(root, migrationsPath, 'meta/_journal.json')
  const journal: { entries: { tag: string }[] } = existsSync(journalPath)
    ? JSON.parse(readFileSync(journalPath, 'utf8'))
    : { entries: [] }
  const listed = new Set(journal.entries.map(({ tag }) => `${tag}.sql`))
  return files
    .filter((file) => !listed.has(file))
    .map(
      (file) =>
        `${migrationsPath}/${file} is not in the journal. Add such files by: npm run codegen -- SUBGRAPH --custom --name NAME`,
    )
}

async function dueMigration(root: string, subgraph: MigratedSubgraph): Promise<string[]> {
  const copy = mkdtempSync(join(tmpdir(), 'sluice-migrations-'))
  try {
    const committed = join(root, subgraph.migrationsPath)
    if (existsSync(committed)) cpSync(committed, copy, { recursive: true })
    const before = sqlFiles(copy).length
    await generateMigration(root, subgraph, { name: 'due', migrationsPath: relative(root, copy) })
    if (sqlFiles(copy).length === before) return []
    return [
      `${subgraph.tablesPath} says more than ${subgraph.migrationsPath}. Run: npm run codegen -- ${subgraph.name} --name NAME`,
    ]
  } finally {
    rmSync(copy, { recursive: true })
  }
}

function sqlFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.sql')) : []
}
