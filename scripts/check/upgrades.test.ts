import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkUpgrades, narrowings, type SchemaSnapshot } from './upgrades.ts'

type Columns = SchemaSnapshot['tables'][string]['columns']
const text = { type: 'text', notNull: false }
const schema = (columns: Columns, more: object = {}): SchemaSnapshot => ({
  tables: { 'jobs.jobs': { columns, ...more }, 'jobs.other': { columns: {} } },
})
const released = schema({ id: { ...text, notNull: true }, name: text })

test('the schemas of today have only grown since the released ones', () => {
  expect(checkUpgrades(join(import.meta.dirname, '../..'))).toEqual([])
})

const cases: Record<string, { next: SchemaSnapshot; want: RegExp | null }> = {
  'a new column that may be null: fits': {
    next: schema({ ...released.tables['jobs.jobs']?.columns, more: text }),
    want: null,
  },
  'a new column with a default: fits': {
    next: schema({ ...released.tables['jobs.jobs']?.columns, more: { ...text, notNull: true, default: "''" } }),
    want: null,
  },
  'a new column that must be given': {
    next: schema({ ...released.tables['jobs.jobs']?.columns, more: { ...text, notNull: true } }),
    want: /does not know jobs.jobs.more/,
  },
  'a column that is gone': { next: schema({ id: { ...text, notNull: true } }), want: /uses jobs.jobs.name/ },
  'a column of another type': {
    next: schema({ id: { ...text, notNull: true }, name: { ...text, type: 'integer' } }),
    want: /was text .* is integer/,
  },
  'a column that may not be null any more': {
    next: schema({ id: { ...text, notNull: true }, name: { ...text, notNull: true } }),
    want: /may leave jobs.jobs.name null/,
  },
  'a table that is gone': { next: { tables: { 'jobs.other': { columns: {} } } }, want: /uses the table jobs.jobs/ },
  'a new constraint': {
    next: schema({ ...released.tables['jobs.jobs']?.columns }, { uniqueConstraints: { jobs_name: {} } }),
    want: /constraint jobs_name/,
  },
}
for (const [name, { next, want }] of Object.entries(cases)) {
  test(name, () => {
    const found = narrowings(released, next)
    if (want === null) expect(found).toEqual([])
    else expect(found).toEqual([expect.stringMatching(want)])
  })
}
