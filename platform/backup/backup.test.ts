import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { emptyPostgres, query, type TestPostgres, testPostgres, untilSettled } from '../../test/testkit/database.ts'
import { audit } from '../audit.ts'
import { wallClock } from '../clocks.ts'
import type { ConnectionOptions } from '../database/connection.ts'
import { openDatabase } from '../database/database.ts'
import { migrate } from '../database/migrate.ts'
import { readMigrations } from '../database/migrations.ts'
import { appendEvents, logEpoch } from '../events/events.ts'
import { createEventHub } from '../events/hub.ts'
import { publish, readFeed } from '../feeds/feeds.ts'
import { createLog } from '../log.ts'
import { createWakeups } from '../wakeups.ts'
import { backUp } from './backUp.ts'
import { MANIFEST_FILE, type Manifest } from './format.ts'
import { restore } from './restore.ts'

const AT = new Date('2026-03-01T12:00:00Z')
const JOBS = 'jobs'

async function newFolder(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'sluice-backup-'))
  onTestFinished(() => rm(parent, { recursive: true }))
  return join(parent, 'backup')
}

/** A database with something of everything, and how to change it. */
async function filled() {
  const server = await testPostgres()
  const { database } = server.open(JOBS)
  const add = (name: string) =>
    database.write({ role: 'ingest' }, async (tx) => {
      await appendEvents(tx, [
        {
          tenantId: 'acme',
          type: 'DONE',
          at: AT,
          subjectId: name,
          projectId: null,
          body: { text: `\\N\t"${name}"\n` },
        },
      ])
      await publish(tx, { feed: 'facts', kind: 'job', key: name, tenantId: 'acme', body: { name } })
      await audit(tx, {
        tenantId: 'acme',
        at: AT,
        principal: 'ada',
        action: 'submitJob',
        objectId: name,
        decision: 'allowed',
        requestId: 'r',
        input: { name },
      })
    })
  for (const name of ['b', 'a', 'c']) await add(name)
  await add('b') // its fact moves behind the others
  const admin = server.connection(server.superuser)
  return { server, database, add, admin }
}

function openedOn(connection: ConnectionOptions) {
  const wakeups = createWakeups()
  const database = openDatabase({
    subgraph: JOBS,
    connection: { ...connection, user: `sluice_${JOBS}` },
    maxConnections: 3,
    notify: wakeups.notify,
  })
  const hub = createEventHub({ database, wakeups, log: createLog('silent') })
  onTestFinished(async () => {
    await hub.close()
    await database.close()
  })
  return { database, hub }
}

const AUDIT =
  'select id, tenant_id, at, principal, action, object_id, decision, request_id, input from jobs.audit_log order by id'

function connectionOf(server: TestPostgres) {
  return server.connection(server.superuser)
}

describe('a backup', () => {
  test('is restored to the last row: audit records as they were, logs and feeds in their order', async () => {
    const { server, admin } = await filled()
    const folder = await newFolder()
    await backUp({ connection: admin, folder, wall: wallClock })
    const target = await emptyPostgres()
    await restore({ connection: target, folder })

    expect(await query(target, AUDIT)).toEqual(await query(connectionOf(server), AUDIT))
    const { database } = openedOn(target)
    const rows = await database.read({ role: 'ingest' }, (tx) =>
      tx.execute<{ subject_id: string; body: object }>(sql`select subject_id, body from events order by xid, id`),
    )
    expect(rows.map(({ subject_id }) => subject_id)).toEqual(['b', 'a', 'c', 'b'])
    expect(rows[0]?.body).toEqual({ text: '\\N\t"b"\n' })
    await untilSettled(database)
    const feed = await database.read({ role: 'ingest' }, (tx) => readFeed(tx, 'facts', undefined, 10))
    expect(feed.entries.map(({ key }) => key)).toEqual(['a', 'c', 'b'])
    expect(feed.isMoreComing).toBe(false)
  })

  test('goes on where it was: what is written after it comes after it, under numbers that are free', async () => {
    const { admin } = await filled()
    const folder = await newFolder()
    await backUp({ connection: admin, folder, wall: wallClock })
    const target = await emptyPostgres()
    await restore({ connection: target, folder })
    const { database } = openedOn(target)
    await database.write({ role: 'ingest' }, async (tx) => {
      await appendEvents(tx, [{ tenantId: 'acme', type: 'DONE', at: AT, subjectId: 'new', projectId: null, body: {} }])
      await publish(tx, { feed: 'facts', kind: 'job', key: 'new', tenantId: 'acme', body: {} })
    })
    await untilSettled(database)
    const feed = await database.read({ role: 'ingest' }, (tx) => readFeed(tx, 'facts', undefined, 10))
    expect(feed.entries.map(({ key }) => key)).toEqual(['a', 'c', 'b', 'new'])
  })

  test('is of one instant, also while others write', async () => {
    const { admin, add } = await filled()
    const folder = await newFolder()
    let isWriting = true
    const writer = (async () => {
      for (let index = 0; isWriting; index += 1) await add(`more-${index}`)
    })()
    await backUp({ connection: admin, folder, wall: wallClock })
    isWriting = false
    await writer
    const target = await emptyPostgres()
    await restore({ connection: target, folder })
    const [counts] = await query(
      target,
      `select (select count(*) from jobs.events) as events, (select count(*) from jobs.audit_log) as audits,
              (select count(*) from jobs.feed_entries) as entries`,
    )
    expect(counts?.events).toBe(counts?.audits)
    expect(Number(counts?.entries)).toBe(Number(counts?.events) - 1)
  })

  test('has a history of its own: cursors of the old one are refused, new ones hold', async () => {
    const { server, admin, add } = await filled()
    const before = openedOn(connectionOf(server))
    const old = await before.database.read({ role: 'operator' }, (tx) => before.hub.cursor(tx, 'acme'))
    const folder = await newFolder()
    await backUp({ connection: admin, folder, wall: wallClock })
    await add('lost')
    const target = await emptyPostgres()
    await restore({ connection: target, folder })
    const after = openedOn(target)
    const epochs = await Promise.all([before, after].map(({ database }) => database.read({ role: 'ingest' }, logEpoch)))
    expect(epochs[0]).not.toBe(epochs[1])
    const resume = (cursor: string) => after.hub.subscribe({ tenantId: 'acme', after: cursor, accepts: () => true })
    await expect(resume(old).next()).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })

    const fresh = await after.database.read({ role: 'operator' }, (tx) => after.hub.cursor(tx, 'acme'))
    await after.database.write({ role: 'ingest' }, (tx) =>
      appendEvents(tx, [{ tenantId: 'acme', type: 'DONE', at: AT, subjectId: 'd', projectId: null, body: {} }]),
    )
    expect((await resume(fresh).next()).value).toMatchObject({ subjectId: 'd' })
  })

  test('of an older schema is restored in it, and then brought up to date', async () => {
    const source = await emptyPostgres()
    await migrate(source, { through: { jobs: '0001_security', inventory: '0001_security' } })
    await query(source, `insert into jobs.idempotency values ('acme', 'ada', 'submitJob', 'k', 'h', null, $1)`, [AT])
    const folder = await newFolder()
    const manifest = await backUp({ connection: source, folder, wall: wallClock })
    expect(manifest.schemas).toMatchObject({ jobs: '0001_security', inventory: '0001_security' })
    const target = await emptyPostgres()
    await restore({ connection: target, folder })
    expect(await query(target, `select key from jobs.idempotency`)).toMatchObject([{ key: 'k' }])
    expect(await query(target, `select count(*)::int as count from sluice.migrations_jobs`)).toEqual([
      { count: (await readMigrations('jobs')).length },
    ])
  })

  test('has a subgraph settle what was under way, in the restoring transaction', async () => {
    const { admin } = await filled()
    const folder = await newFolder()
    await backUp({ connection: admin, folder, wall: wallClock })
    const target = await emptyPostgres()
    await restore({
      connection: target,
      folder,
      settle: { jobs: async (tx) => void (await tx.execute(sql`delete from feed_entries where key = 'a'`)) },
    })
    expect(await query(target, `select key from jobs.feed_entries order by key`)).toMatchObject([
      { key: 'b' },
      { key: 'c' },
    ])
  })
})

describe('what stands in the way', () => {
  test('a folder that is there, a database that is not ours, a login that does not see every row', async () => {
    const { server, admin } = await filled()
    const folder = await newFolder()
    const refused = (connection: ConnectionOptions, path = folder) =>
      expect(backUp({ connection, folder: path, wall: wallClock })).rejects
    await refused(admin, join(folder, '..')).toMatchObject({ code: 'BACKUP_EXISTS' })
    await refused(await emptyPostgres()).toMatchObject({ code: 'NOTHING_TO_BACK_UP' })
    await refused(server.connection('sluice_jobs')).toMatchObject({ code: 'DATABASE_RIGHTS' })
    expect(await readdir(join(folder, '..'))).toEqual([])
  })

  test('a database that holds anything, which stays as it is', async () => {
    const { admin, server } = await filled()
    const folder = await newFolder()
    await backUp({ connection: admin, folder, wall: wallClock })
    const before = await query(connectionOf(server), AUDIT)
    await expect(restore({ connection: admin, folder })).rejects.toMatchObject({ code: 'DATABASE_NOT_EMPTY' })
    expect(await query(connectionOf(server), AUDIT)).toEqual(before)
  })

  test('a backup that is none, is damaged, or comes from a newer program: nothing is restored', async () => {
    const { admin } = await filled()
    const folder = await newFolder()
    await backUp({ connection: admin, folder, wall: wallClock })
    const target = await emptyPostgres()
    const refused = (path: string) => expect(restore({ connection: target, folder: path })).rejects
    const changed = async (name: string, change: (manifest: Manifest) => unknown) => {
      const copy = `${folder}-${name}`
      await cp(folder, copy, { recursive: true })
      const manifest = JSON.parse(await readFile(join(copy, MANIFEST_FILE), 'utf8')) as Manifest
      change(manifest)
      await writeFile(join(copy, MANIFEST_FILE), JSON.stringify(manifest))
      return copy
    }
    await refused(join(folder, 'nowhere')).toMatchObject({ code: 'BACKUP_UNREADABLE' })
    await refused(await changed('format', (manifest) => Object.assign(manifest, { format: 2 }))).toMatchObject({
      code: 'BACKUP_NEWER',
    })
    await refused(
      await changed('schema', ({ schemas }) => Object.assign(schemas, { jobs: '9999_tomorrow' })),
    ).toMatchObject({ code: 'BACKUP_NEWER' })
    const damaged = await changed('damaged', () => {})
    await writeFile(join(damaged, 'jobs.audit_log.copy.gz'), 'x', { flag: 'a' })
    await refused(damaged).toMatchObject({ code: 'BACKUP_DAMAGED' })
    const short = await changed('short', ({ tables }) =>
      Object.assign(tables.find(({ name }) => name === 'events') ?? {}, { rows: 99 }),
    )
    await refused(short).toThrow(/rows instead of 99/)
    await restore({ connection: target, folder })
  })
})
