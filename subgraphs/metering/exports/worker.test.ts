import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { at } from '../testkit/builders.ts'
import { eventually } from '../testkit/eventually.ts'
import { exported, look, request, withIntervals, writeAgain } from '../testkit/exporting.ts'

describe('the worker', () => {
  test('takes up what another left when it died, and leaves nothing of it behind', async () => {
    const metering = await withIntervals()
    const { id } = await exported(metering)
    await writeFile(join(metering.exportsDir, `.${id}.csv.1.part`), 'half a li')
    await writeAgain(metering, id)
    expect((await readdir(metering.exportsDir)).sort()).toEqual([`${id}.csv`, `${id}.manifest.json`])
  })

  test('leaves alone what another has a lease on', async () => {
    const metering = await withIntervals()
    const { id } = await exported(metering)
    await metering.database.write({ role: 'ingest' }, (tx) =>
      tx.execute(sql`update exports set state = 'RUNNING', leased_until = '2999-01-01Z' where id = ${id}`),
    )
    const later = await exported(metering)
    expect(later.state).toBe('READY')
    expect((await look(metering, id)).found).toMatchObject({ state: 'RUNNING', url: null, manifest: null })
  })

  test('gives up after a few attempts, and says so', async () => {
    const metering = await withIntervals()
    // Where the file should go there is a folder, which no rename replaces.
    const { export: asked } = await request(metering, { to: at(90_000) })
    const id = asked?.id ?? ''
    await eventually(async () => (await look(metering, id)).found?.state).toBe('READY')
    await rm(join(metering.exportsDir, `${id}.csv`))
    await mkdir(join(metering.exportsDir, `${id}.csv`))
    await metering.database.write({ role: 'ingest' }, (tx) =>
      tx.execute(
        sql`update exports set state = 'RUNNING', attempts = 2, leased_until = '2000-01-01Z' where id = ${id}`,
      ),
    )
    metering.deps.wakeups.notify('metering.exports')
    await eventually(async () => (await look(metering, id)).found?.state).toBe('FAILED')
    expect((await look(metering, id)).found).toMatchObject({ url: null, failure: expect.stringContaining('again') })
  })

  test('waits for transactions that were running when it was asked for', async () => {
    const metering = await withIntervals()
    const { promise: isWritten, resolve: written } = Promise.withResolvers<void>()
    const { promise: mayCommit, resolve: commit } = Promise.withResolvers<void>()
    const slow = metering.database.write({ role: 'ingest' }, async (tx) => {
      await tx.execute(sql`
        update pods set seen_epoch = seen_epoch`)
      written()
      await mayCommit
    })
    await isWritten
    // Only what has begun before another that has ended lies below the export's position.
    await metering.database.write({ role: 'ingest' }, (tx) => tx.execute(sql`select pg_current_xact_id()`))
    const { export: asked } = await request(metering)
    expect((await look(metering, asked?.id ?? '')).found?.state).toBe('PENDING')
    commit()
    await slow
    await eventually(async () => (await look(metering, asked?.id ?? '')).found?.state).toBe('READY')
  })
})
