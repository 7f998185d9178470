import { sql } from 'drizzle-orm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { testPostgres } from '../../test/testkit/database.ts'
import { appendEvents } from '../events/events.ts'
import { createEventHub } from '../events/hub.ts'
import { publish } from '../feeds/feeds.ts'
import { claimKey, recall } from '../idempotency.ts'
import { createLog } from '../log.ts'
import { startRetention } from './retention.ts'
import { sweep } from './sweep.ts'
import { commonTasks, KEPT_FOR, withdrawnDirectives } from './tasks.ts'

const DAY_MS = 86_400_000
const log = createLog('silent')
const TABLES = ['events', 'idempotency', 'quarantine', 'feed_entries', 'retention_marks', 'event_horizons'] as const

/** A subgraph's tables with days that pass when told, and a day's work. */
async function keptTables({ batchRows = 1_000 } = {}) {
  const server = await testPostgres()
  const { database, wakeups } = server.open('jobs')
  const hub = createEventHub({ database, wakeups, log })
  onTestFinished(() => hub.close())
  let wallMs = Date.parse('2026-03-01T00:00:00Z')
  let domainMs = Date.parse('2020-01-01T00:00:00Z')
  let done = 0
  const options = {
    database,
    clock: { nowMs: () => domainMs },
    wall: { nowMs: () => wallMs },
    tasks: [...commonTasks(KEPT_FOR), withdrawnDirectives('Job', DAY_MS)],
    batchRows,
    signal: new AbortController().signal,
  }
  const scope = (key: string) => ({
    tenantId: 'acme',
    principal: 'ada',
    mutation: 'submitJob',
    key,
    input: {},
    now: new Date(domainMs),
  })
  return {
    server,
    database,
    hub,
    options,
    scope,
    async work(tenantId = 'acme', count = 5) {
      for (let index = 0; index < count; index += 1) {
        done += 1
        const key = `${tenantId}-${done}`
        const at = new Date(domainMs)
        await database.write({ role: 'ingest' }, async (tx) => {
          await appendEvents(tx, [{ tenantId, type: 'DONE', at, subjectId: key, projectId: null, body: {} }])
          await claimKey(tx, scope(key), key)
          await publish(tx, { feed: 'cluster:one', kind: 'Job', key, tenantId, body: { wanted: true } })
          await publish(tx, { feed: 'cluster:one', kind: 'Job', key, tenantId, body: null })
          await tx.execute(sql`insert into quarantine (cluster_id, epoch, number, record, error, at)
            values ('one', 1, 1, '{}'::jsonb, 'unreadable', ${at.toISOString()})`)
        })
      }
    },
    pass(days: number, domainDays = days) {
      wallMs += days * DAY_MS
      domainMs += domainDays * DAY_MS
    },
    sweep: () => sweep(options),
    async sizes() {
      const entries = await Promise.all(
        TABLES.map(async (table) => {
          const [row] = await database.read({ role: 'retention' }, (tx) =>
            tx.execute<{ count: string }>(sql.raw(`select count(*) from ${table}`)),
          )
          return [table, Number(row?.count)] as const
        }),
      )
      return Object.fromEntries(entries) as Record<(typeof TABLES)[number], number>
    },
  }
}

const subjectsOf = async (stream: AsyncGenerator<object>, count: number) => {
  const subjects: string[] = []
  for await (const event of stream) {
    subjects.push('subjectId' in event ? String(event.subjectId) : 'LAGGED')
    if (subjects.length === count) break
  }
  return subjects
}

/** Timers that run when told. */
function handTimers() {
  let due: (() => void) | null = null
  let set = Promise.withResolvers<void>()
  return {
    after(_delayMs: number, run: () => void) {
      due = run
      set.resolve()
      return () => {
        due = null
      }
    },
    /** Lets the time pass that is being waited for; resolves when the next is. */
    async tick() {
      await set.promise
      set = Promise.withResolvers()
      due?.()
      await set.promise
    },
  }
}

describe('retention', () => {
  test('looks again and again, also after the database was away, until it is stopped', async () => {
    const { options, work, pass, sizes } = await keptTables()
    let isAway = true
    const timers = handTimers()
    const retention = startRetention({
      ...options,
      database: {
        ...options.database,
        write: async (actor, run) => {
          if (isAway) throw new Error('away')
          return options.database.write(actor, run)
        },
      },
      log,
      timers,
    })
    await work()
    await timers.tick()
    isAway = false
    await timers.tick()
    pass(8)
    await timers.tick()
    expect(await sizes()).toMatchObject({ events: 0 })
    await retention.stop()
  })

  test('tables level off while the work goes on', async () => {
    const tables = await keptTables()
    const sizes = []
    for (let day = 0; day < 60; day += 1) {
      await tables.work()
      expect(await tables.sweep()).toBe(true)
      sizes.push(await tables.sizes())
      tables.pass(1)
    }
    expect(sizes[5]).toMatchObject({ events: 30, idempotency: 30, quarantine: 30 })
    expect(sizes[40]).toEqual(sizes[59])
    expect(sizes[59]).toEqual({
      events: 7 * 5,
      idempotency: 8 * 5, // at the very instant of a mark is not before it
      quarantine: 31 * 5,
      feed_entries: 5,
      retention_marks: 31,
      event_horizons: 1,
    })
  })

  test('a cursor is good until events after it are deleted, then it is refused, in its own stream alone', async () => {
    const { hub, database, work, pass, sweep } = await keptTables()
    const cursor = (tenantId: string | null) => database.read({ role: 'operator' }, (tx) => hub.cursor(tx, tenantId))
    const [busy, quiet, all] = [await cursor('acme'), await cursor('globex'), await cursor(null)]
    await work('acme', 2)
    await sweep()
    pass(6)
    await work('acme', 1)
    await sweep()
    const read = (tenantId: string | null, after: string, count: number) =>
      subjectsOf(hub.subscribe({ tenantId, after, accepts: () => true }), count)
    expect(await read('acme', busy, 3)).toEqual(['acme-1', 'acme-2', 'acme-3'])
    pass(2)
    await sweep()
    await expect(read('acme', busy, 1)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
    await expect(read(null, all, 1)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
    await work('globex', 1)
    expect(await read('globex', quiet, 1)).toEqual(['globex-4'])
    const fresh = await cursor('acme')
    await work('acme', 1)
    expect(await read('acme', fresh, 1)).toEqual(['acme-5'])
  })

  test('a reader whose history is deleted while it reads is refused, never given the rest as if it were all', async () => {
    const { server, work, pass, sweep } = await keptTables()
    const { database, wakeups } = server.open('jobs')
    const hub = createEventHub({ database, wakeups, log, limits: { bufferedEvents: 10, pageSize: 2, pollMs: 1_000 } })
    onTestFinished(() => hub.close())
    const after = await database.read({ role: 'operator' }, (tx) => hub.cursor(tx, 'acme'))
    await work('acme', 6)
    await sweep()
    const stream = hub.subscribe({ tenantId: 'acme', after, accepts: () => true })
    await stream.next()
    pass(8)
    await sweep()
    await expect(subjectsOf(stream, 6)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
  })

  test('a key is answered as it was first for seven days, then it is new', async () => {
    const { database, scope, work, pass, sweep } = await keptTables()
    const first = () => database.read({ role: 'operator' }, (tx) => recall(tx, scope('acme-1')))
    await work('acme', 1)
    pass(0.01)
    await sweep()
    pass(6.9)
    await sweep()
    expect(await first()).toEqual({ ok: true, result: 'acme-1' })
    pass(0.2)
    await sweep()
    expect(await first()).toBeNull()
  })

  test('a year of domain time within an hour deletes nothing', async () => {
    const { work, pass, sweep, sizes } = await keptTables()
    await work()
    await sweep()
    pass(1 / 24, 365)
    await sweep()
    expect(await sizes()).toMatchObject({ events: 5, idempotency: 5, quarantine: 5, feed_entries: 5 })
  })

  test('a directive that is wanted stays, however old', async () => {
    const { database, pass, sweep, sizes } = await keptTables()
    await database.write({ role: 'ingest' }, async (tx) => {
      for (const [feed, kind] of [
        ['cluster:one', 'Job'],
        ['cluster:one', 'Queue'],
        ['facts', 'job'],
      ] as const)
        await publish(tx, { feed, kind, key: 'wanted', tenantId: null, body: feed === 'facts' ? null : {} })
    })
    for (let day = 0; day < 4; day += 1) {
      await sweep()
      pass(1)
    }
    expect(await sizes()).toMatchObject({ feed_entries: 3 })
  })

  test('deletes in small transactions, and stops between two when told', async () => {
    const { options, work, pass, sizes } = await keptTables({ batchRows: 2 })
    await work('acme', 9)
    pass(0.01)
    await sweep(options)
    pass(8)
    const signal = AbortSignal.abort()
    expect(await sweep({ ...options, signal })).toBe(false)
    expect(await sizes()).toMatchObject({ events: 9 })
    expect(await sweep(options)).toBe(true)
    expect(await sizes()).toMatchObject({ events: 0, idempotency: 0 })
  })

  test('leaves the work to a replica that is at it', async () => {
    const { server, options, work, pass, sizes } = await keptTables()
    await work()
    await sweep(options)
    pass(8)
    const other = server.open('jobs').database
    await other.write({ role: 'retention' }, async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('retention/jobs', 0))`)
      expect(await sweep(options)).toBe(false)
    })
    expect(await sizes()).toMatchObject({ events: 5 })
    await Promise.all([sweep(options), sweep({ ...options, database: other })])
    expect(await sizes()).toMatchObject({ events: 0 })
  })

  test('nobody else may delete from the log', async () => {
    const { database, work } = await keptTables()
    await work()
    for (const actor of [{ role: 'ingest' }, { role: 'operator' }, { role: 'app', tenantId: 'acme' }] as const)
      await expect(database.write(actor, (tx) => tx.execute(sql`delete from events`))).rejects.toThrow(/permission/)
    await expect(database.write({ role: 'retention' }, (tx) => tx.execute(sql`delete from audit_log`))).rejects.toThrow(
      /permission/,
    )
  })
})
