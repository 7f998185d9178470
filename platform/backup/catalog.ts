import type { Connection } from '../database/connection.ts'
import { SUBGRAPH_NAMES, type SubgraphName } from '../link/protocol.ts'

/** A table as it stands in the database. */
export interface CatalogTable {
  schema: SubgraphName
  name: string
  columns: { name: string; type: string }[]
}

/**
 * What holds for the one database it was made in: positions of its transactions, and the epoch that tells its
 * history from every other.
 */
const OF_THIS_DATABASE = ['log_epoch', 'facts_through', 'event_horizons', 'retention_marks']

/** Every table that is backed up, each after those it refers to. */
export async function catalogTables(client: Connection): Promise<CatalogTable[]> {
  const tables = await client.query<CatalogTable>(
    `
    select nspname as schema, relname as name,
           (select jsonb_agg(jsonb_build_object('name', attname, 'type', format_type(atttypid, null)) order by attnum)
              from pg_attribute
             where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = '') as columns
      from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where relkind = 'r' and nspname = any($1) and relname <> all($2)
     order by nspname, relname`,
    [SUBGRAPH_NAMES, OF_THIS_DATABASE],
  )
  const references = await client.query<{ table: string; target: string }>(`
    select conrelid::regclass::text as table, confrelid::regclass::text as target
      from pg_constraint where contype = 'f' and conrelid <> confrelid`)
  return inOrderOfReference(tables.rows, references.rows)
}

export const qualified = ({ schema, name }: Pick<CatalogTable, 'schema' | 'name'>) => `${schema}.${name}`

function inOrderOfReference(
  tables: readonly CatalogTable[],
  references: readonly { table: string; target: string }[],
): CatalogTable[] {
  const ordered: CatalogTable[] = []
  const waiting = new Map(tables.map((table) => [qualified(table), table]))
  while (waiting.size > 0) {
    const before = waiting.size
    for (const [name, table] of waiting) {
      if (references.some((reference) => reference.table === name && waiting.has(reference.target))) continue
      ordered.push(table)
      waiting.delete(name)
    }
    if (waiting.size === before) throw new Error(`tables refer to each other in a circle: ${[...waiting.keys()]}`)
  }
  return ordered
}

/** Where the sequences stand, those alone from which something has been drawn. */
export async function catalogSequences(client: Connection): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; last_value: string }>(
    `
    select schemaname || '.' || sequencename as name, last_value::text from pg_sequences
     where schemaname = any($1) and last_value is not null order by 1`,
    [SUBGRAPH_NAMES],
  )
  return Object.fromEntries(rows.map(({ name, last_value }) => [name, last_value]))
}

/** Which of the schemas that are ours the database has. */
export async function existingSchemas(client: Connection): Promise<string[]> {
  const { rows } = await client.query<{ nspname: string }>(
    'select nspname from pg_namespace where nspname = any($1) order by 1',
    [[...SUBGRAPH_NAMES, 'sluice']],
  )
  return rows.map(({ nspname }) => nspname)
}
