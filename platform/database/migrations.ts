import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { SubgraphName } from '../link/protocol.ts'
import type { Connection } from './connection.ts'

const MIGRATIONS = new URL('../../migrations/', import.meta.url)

/** One step of a subgraph's schema, as this program has it. */
export interface Migration {
  /** Its file's name, such as `0003_retention`. */
  tag: string
  /** When it was made, in milliseconds: what the database remembers of it. */
  createdMs: number
  hash: string
  statements: string[]
}

/** A schema that this program was not made for. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError'
  readonly code = 'SCHEMA_NEWER'
  readonly fix: string
  constructor(message: string, fix: string) {
    super(message)
    this.fix = fix
  }
}

/** The schema has steps that this program does not know: it was made by a newer one. */
export function schemaNewer(subgraph: SubgraphName): SchemaError {
  return new SchemaError(
    `The schema of ${subgraph} was made by a newer Sluice than this one.`,
    'Start the newer version; a schema never goes back. To go back in time, restore a backup with the version that made it.',
  )
}

/** In the order in which they are applied. */
export async function readMigrations(subgraph: SubgraphName): Promise<Migration[]> {
  const folder = new URL(`${subgraph}/`, MIGRATIONS)
  const journal = JSON.parse(await readFile(new URL('meta/_journal.json', folder), 'utf8')) as {
    entries: { tag: string; when: number }[]
  }
  return Promise.all(
    journal.entries.map(async ({ tag, when }) => {
      const text = await readFile(new URL(`${tag}.sql`, folder), 'utf8')
      return {
        tag,
        createdMs: when,
        hash: createHash('sha256').update(text).digest('hex'),
        statements: text.split('--> statement-breakpoint'),
      }
    }),
  )
}

/** Migrations up to and with the one of that tag. @throws RangeError where there is none */
export function throughTag(migrations: readonly Migration[], tag: string): Migration[] {
  const end = migrations.findIndex((migration) => migration.tag === tag)
  if (end < 0) throw new RangeError(`there is no migration ${tag}`)
  return migrations.slice(0, end + 1)
}

/** Where the database remembers what was applied of a subgraph. */
export function migrationsTable(subgraph: SubgraphName): string {
  return `sluice.migrations_${subgraph}`
}

/** `createdMs` of all that were applied; null: the schema is not there. */
export async function appliedMigrations(client: Connection, subgraph: SubgraphName): Promise<Set<number> | null> {
  const table = migrationsTable(subgraph)
  const found = await client.query<{ exists: boolean }>('select to_regclass($1) is not null as exists', [table])
  if (!found.rows[0]?.exists) return null
  const { rows } = await client.query<{ created_at: string }>(`select created_at from ${table}`)
  return new Set(rows.map(({ created_at }) => Number(created_at)))
}
