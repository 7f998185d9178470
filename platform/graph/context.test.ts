import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/testkit/database.ts'
import { createIds } from '../ids.ts'
import { createLog } from '../log.ts'
import { createContext, type GraphContext } from './context.ts'

/** More requests at a time than the handle has connections. */
const REQUESTS = 12

function openContext({ database }: TestDatabase): GraphContext {
  return createContext({
    identity: { kind: 'operator', subject: 'olga', issuedAtMs: 0, expiresAtMs: Number.POSITIVE_INFINITY },
    identityToken: '',
    requestId: '',
    database,
    clock: { nowMs: () => 0 },
    ids: createIds(),
    log: createLog('silent'),
  })
}

const one = sql`select 1 as one`

test('any number of requests may write after they have read', async () => {
  const database = await testDatabase('jobs')
  const contexts = Array.from({ length: REQUESTS }, () => openContext(database))
  const written = contexts.map(async (context) => {
    await (await context.read()).execute(one)
    return context.write((tx) => tx.execute(one))
  })
  expect(await Promise.all(written)).toHaveLength(REQUESTS)
  await Promise.all(contexts.map((context) => context.close()))
})

test('a refresh by one field does not end the transaction under another field', async () => {
  const context = openContext(await testDatabase('jobs'))
  const tx = await context.read()
  const under = tx.execute(one)
  await context.refresh()
  expect(await Promise.all([under, tx.execute(one)])).toEqual([[{ one: 1 }], [{ one: 1 }]])
  await context.close()
})
