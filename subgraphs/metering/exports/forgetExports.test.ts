import { readdir } from 'node:fs/promises'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { sweep } from '../../../platform/retention/sweep.ts'
import { exported, look, withIntervals } from '../testkit/exporting.ts'
import { forgetExports } from './forgetExports.ts'

const KEPT_MS = 1_000

/** An export that has ended, in wall time that passes when told. */
async function start() {
  const metering = await withIntervals()
  const { id } = await exported(metering)
  const domainMs = metering.deps.clock.nowMs() + 60_000
  let wallMs = 0
  return {
    metering,
    id,
    async forget() {
      for (const pass of [0, KEPT_MS]) {
        wallMs += pass
        await sweep({
          database: metering.database,
          clock: { nowMs: () => domainMs },
          wall: { nowMs: () => wallMs },
          tasks: [forgetExports(metering.exportsDir, KEPT_MS)],
          batchRows: 100,
          signal: new AbortController().signal,
        })
      }
    },
  }
}

test('an export that has had its time is gone, and its file with it', async () => {
  const { metering, id, forget } = await start()
  await forget()
  expect((await look(metering, id)).found).toBeNull()
  expect(await readdir(metering.exportsDir)).toEqual([])
})

test('an export whose file went before its row is forgotten all the same', async () => {
  const { metering, id, forget } = await start()
  const { id: later } = await exported(metering)
  const failing = metering.database.write({ role: 'retention' }, async (tx) => {
    await forgetExports(metering.exportsDir, KEPT_MS).remove(
      tx,
      { wallAt: new Date(0), domainAt: new Date('2999-01-01'), xid: '0' },
      1,
    )
    throw new Error('killed before it was committed')
  })
  await expect(failing).rejects.toThrow('killed')
  expect((await readdir(metering.exportsDir)).some((name) => name.startsWith(id))).toBe(false)
  expect((await look(metering, id)).found?.state).toBe('READY')
  await forget()
  for (const each of [id, later]) expect((await look(metering, each)).found).toBeNull()
})

test('one that a worker still has stays, however old', async () => {
  const { metering, id, forget } = await start()
  await metering.database.write({ role: 'ingest' }, (tx) =>
    tx.execute(sql`update exports set state = 'RUNNING', leased_until = '2999-01-01Z' where id = ${id}`),
  )
  await forget()
  expect((await look(metering, id)).found?.state).toBe('RUNNING')
})
