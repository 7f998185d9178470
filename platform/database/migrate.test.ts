import { describe, expect, test } from 'vitest'
import { emptyPostgres, query } from '../../test/testkit/database.ts'
import { SUBGRAPH_NAMES, type SubgraphName } from '../link/protocol.ts'
import { migrate } from './migrate.ts'
import { migrationsTable, readMigrations } from './migrations.ts'

/** A database without a schema, and what has been applied to it. */
async function emptyDatabase() {
  const connection = await emptyPostgres()
  const appliedTo = async (subgraph: SubgraphName) => {
    const rows = await query<{ hash: string }>(connection, `select hash from ${migrationsTable(subgraph)} order by id`)
    return rows.map(({ hash }) => hash)
  }
  return { connection, appliedTo }
}

describe('migrating', () => {
  test('two programs that migrate at once take each step once', async () => {
    const { connection, appliedTo } = await emptyDatabase()
    await Promise.all([migrate(connection), migrate(connection)])
    for (const subgraph of SUBGRAPH_NAMES) {
      const wanted = (await readMigrations(subgraph)).map(({ hash }) => hash)
      expect(await appliedTo(subgraph)).toEqual(wanted)
    }
  })

  test('goes on from wherever a schema stands', async () => {
    const { connection, appliedTo } = await emptyDatabase()
    await migrate(connection, { through: { jobs: '0001_security' } })
    expect(await appliedTo('jobs')).toHaveLength(2)
    await migrate(connection)
    expect(await appliedTo('jobs')).toEqual((await readMigrations('jobs')).map(({ hash }) => hash))
  })

  test('refuses a schema with steps it does not know, and changes nothing', async () => {
    const { connection, appliedTo } = await emptyDatabase()
    await migrate(connection, { through: { jobs: '0001_security' } })
    await query(
      connection,
      `insert into sluice.migrations_metering (hash, created_at) values ('of tomorrow', 4102444800000)`,
    )
    await expect(migrate(connection)).rejects.toMatchObject({ code: 'SCHEMA_NEWER' })
    expect(await appliedTo('jobs')).toHaveLength(2)
  })

  test('a step that fails leaves the schema as it was', async () => {
    const { connection, appliedTo } = await emptyDatabase()
    await migrate(connection, { through: { jobs: '0001_security' } })
    await query(connection, 'create table jobs.retention_marks ()')
    await expect(migrate(connection)).rejects.toThrow(/already exists/)
    expect(await appliedTo('jobs')).toHaveLength(2)
    await query(connection, 'drop table jobs.retention_marks')
    await migrate(connection)
    expect(await appliedTo('jobs')).toHaveLength((await readMigrations('jobs')).length)
  })
})
