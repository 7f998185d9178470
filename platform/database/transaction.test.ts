import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { query, testPostgres } from '../../test/testkit/database.ts'
import type { Tx } from './database.ts'

const INGEST = { role: 'ingest' } as const
const remember = (tx: Tx, key: string) =>
  tx.execute(sql`insert into feed_entries (feed, kind, key, body, xid, id)
                  values ('facts', 'job', ${key}, '{}', pg_current_xact_id(), 1)`)

async function opened() {
  const server = await testPostgres()
  const { database } = server.open('jobs')
  const keys = () =>
    database.read(INGEST, async (tx) =>
      (await tx.execute<{ key: string }>(sql`select key from feed_entries order by key`)).map(({ key }) => key),
    )
  const alter = (change: string) =>
    query(server.connection(server.superuser), `alter table jobs.feed_entries ${change}`)
  return { database, keys, alter }
}

test('a part that fails is undone alone, and what it would have told is not told', async () => {
  const { database, keys } = await opened()
  const told: string[] = []
  await database.write(INGEST, async (tx) => {
    await remember(tx, 'a')
    await tx
      .attempt(async (part) => {
        part.afterCommit(() => told.push('b'))
        await remember(part, 'b')
        await remember(part, 'b')
      })
      .catch(() => tx.afterCommit(() => told.push('instead')))
    await tx.attempt((part) => remember(part, 'c'))
  })
  expect(await keys()).toEqual(['a', 'c'])
  expect(told).toEqual(['instead'])
})

test('a statement that fails fails the transaction, though nobody waits for it or minds', async () => {
  const { database, keys } = await opened()
  const unheeded = database.write(INGEST, async (tx) => {
    await remember(tx, 'a')
    void remember(tx, 'a')
  })
  await expect(unheeded).rejects.toMatchObject({ code: '23505' })
  const swallowed = database.write(INGEST, async (tx) => {
    await remember(tx, 'a')
    await remember(tx, 'a').catch(() => {})
  })
  await expect(swallowed).rejects.toMatchObject({ code: '23505' })
  expect(await keys()).toEqual([])
})

test('nothing can be sent once it is over: the connection is another transaction’s by then', async () => {
  const { database, keys } = await opened()
  let late: Tx | undefined
  await database.write(INGEST, async (tx) => {
    late = tx
  })
  await expect(late && remember(late, 'late')).rejects.toThrow(/after its transaction had ended/)
  expect(await keys()).toEqual([])
})

test('a statement prepared before its table changed fails once: the next one is on another connection', async () => {
  const { database, alter } = await opened()
  const all = () => database.read(INGEST, (tx) => tx.execute(sql`select * from feed_entries`))
  await all()
  await alter('add column later int')
  await expect(all()).rejects.toMatchObject({ code: '0A000' })
  expect(await all()).toEqual([])
})
