import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findMigratedSubgraphs } from '../codegen/migrations.ts'

/** What drizzle-kit writes down of a schema after each migration, as far as it matters here. */
export interface SchemaSnapshot {
  tables: Record<
    string,
    {
      columns: Record<
        string,
        { type: string; notNull: boolean; default?: unknown; identity?: unknown; generated?: unknown }
      >
      uniqueConstraints?: Record<string, unknown>
      checkConstraints?: Record<string, unknown>
    }
  >
}

/**
 * While a new version is rolled out the released one goes on writing: since its schema (migrations/released.json)
 * tables have only grown, in ways that its statements do not notice.
 */
export function checkUpgrades(root: string): string[] {
  const path = join(root, 'migrations/released.json')
  if (!existsSync(path)) return []
  const released = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>
  return findMigratedSubgraphs(root).flatMap(({ name, migrationsPath }) => {
    const meta = join(root, migrationsPath, 'meta')
    const { entries } = JSON.parse(readFileSync(join(meta, '_journal.json'), 'utf8')) as {
      entries: { idx: number; tag: string }[]
    }
    const from = entries.find(({ tag }) => tag === released[name])
    const to = entries.at(-1)
    if (!from || !to) return [`migrations/released.json: ${name} has no migration ${released[name]}.`]
    const snapshot = (idx: number) =>
      JSON.parse(readFileSync(join(meta, `${String(idx).padStart(4, '0')}_snapshot.json`), 'utf8')) as SchemaSnapshot
    return narrowings(snapshot(from.idx), snapshot(to.idx)).map((what) => `${migrationsPath}: ${what}`)
  })
}

/** Where statements that fit the one schema may not fit the other. */
export function narrowings(released: SchemaSnapshot, next: SchemaSnapshot): string[] {
  return Object.entries(released.tables).flatMap(([table, before]) => {
    const after = next.tables[table]
    if (!after) return [`the released version uses the table ${table}, which is gone.`]
    const columns = Object.entries(before.columns).flatMap(([column, { type, notNull }]) => {
      const now = after.columns[column]
      if (!now) return [`the released version uses ${table}.${column}, which is gone.`]
      if (now.type !== type) return [`${table}.${column} was ${type} for the released version and is ${now.type}.`]
      return now.notNull && !notNull ? [`the released version may leave ${table}.${column} null.`] : []
    })
    const demanded = Object.entries(after.columns)
      .filter(([column, now]) => !before.columns[column] && now.notNull && !isFilledByItself(now))
      .map(([column]) => `the released version does not know ${table}.${column}, which must not be null.`)
    const constraints = (['uniqueConstraints', 'checkConstraints'] as const).flatMap((kind) =>
      Object.keys(after[kind] ?? {})
        .filter((name) => !(name in (before[kind] ?? {})))
        .map((name) => `the released version does not know the constraint ${name} of ${table}.`),
    )
    return [...columns, ...demanded, ...constraints]
  })
}

function isFilledByItself(column: { default?: unknown; identity?: unknown; generated?: unknown }): boolean {
  return column.default !== undefined || column.identity !== undefined || column.generated !== undefined
}
