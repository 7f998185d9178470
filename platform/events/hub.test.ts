import { sql } from 'drizzle-orm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { query, type TestPostgres, testPostgres } from '../../test/testkit/database.ts'
import { createLog } from '../log.ts'
import { appendEvents, type NewEvent } from './events.ts'
import { createEventHub, type EventHub, type Lagged, type StoredEvent } from './hub.ts'

const log = createLog('silent')
const event = (tenantId: string, subjectId: string): NewEvent => ({
  tenantId,
  subjectId,
  type: 'HAPPENED',
  at: new Date('2026-01-01T00:00:00Z'),
  projectId: null,
  body: { subjectId },
})

async function openHub(limits?: { bufferedEvents: number; pageSize: number; pollMs: number }) {
  const server: TestPostgres = await testPostgres()
  const { database, wakeups } = server.open('jobs')
  const hub: EventHub = createEventHub({ database, wakeups, log, ...(limits ? { limits } : {}) })
  onTestFinished(() => hub.close())
  const write = (tenantId: string, ...subjects: string[]) =>
    database.write({ role: 'app', tenantId }, (tx) =>
      appendEvents(
        tx,
        subjects.map((subject) => event(tenantId, subject)),
      ),
    )
  const now = (tenantId: string | null) => database.read({ role: 'operator' }, (tx) => hub.cursor(tx, tenantId))
  return { server, database, hub, write, now }
}

type Marked = StoredEvent | Lagged

async function take(stream: AsyncGenerator<Marked>, count: number): Promise<Marked[]> {
  const taken: Marked[] = []
  while (taken.length < count) {
    const next = await stream.next()
    if (next.done) break
    taken.push(next.value)
  }
  return taken
}
const subjects = (events: Marked[]) => events.map((each) => ('lagged' in each ? 'LAGGED' : each.subjectId))
const all = () => true

describe('the event hub', () => {
  test('gives what was missed, then what comes, each event once', async () => {
    const { hub, write, now } = await openHub()
    const after = await now('a')
    await write('a', '1', '2')
    const stream = hub.subscribe({ tenantId: 'a', after, accepts: all })
    expect(subjects(await take(stream, 2))).toEqual(['1', '2'])
    await write('a', '3')
    expect(subjects(await take(stream, 1))).toEqual(['3'])
  })

  test('gives cursors to more readers at a time than there are connections', async () => {
    const { now } = await openHub()
    expect(await Promise.all(Array.from({ length: 12 }, () => now('a')))).toHaveLength(12)
  })

  test('loses and doubles nothing while a hundred writers append and the reader joins in the middle', async () => {
    const { hub, write, now } = await openHub()
    const after = await now('a')
    const writes = Array.from({ length: 200 }, (_, index) => write('a', `${index}`))
    await writes[50]
    const stream = hub.subscribe({ tenantId: 'a', after, accepts: all })
    const seen = subjects(await take(stream, 200))
    await Promise.all(writes)
    expect(new Set(seen).size).toBe(200)
  })

  test('resumes after any cursor with exactly the rest', async () => {
    const { hub, write, now } = await openHub()
    const start = await now('a')
    await write('a', '1', '2', '3', '4')
    const first = hub.subscribe({ tenantId: 'a', after: start, accepts: all })
    const [, second] = await take(first, 2)
    await first.return()
    const rest = hub.subscribe({ tenantId: 'a', after: second?.cursor, accepts: all })
    expect(subjects(await take(rest, 2))).toEqual(['3', '4'])
  })

  test("never shows another tenant's events", async () => {
    const { hub, write, now } = await openHub()
    const after = await now('a')
    await write('b', 'foreign')
    await write('a', 'own')
    const stream = hub.subscribe({ tenantId: 'a', after, accepts: all })
    expect(subjects(await take(stream, 1))).toEqual(['own'])
  })

  test('orders by number where transaction ids gain a digit', async () => {
    const { server, hub, now } = await openHub()
    const [afterAll] = [await now(null)]
    await query(
      server.connection(server.superuser),
      `insert into jobs.events (xid, tenant_id, type, at, subject_id, body)
       select xid::xid8, 'a', 'HAPPENED', '2026-01-01', xid, '{}' from unnest(array['9', '10', '100']) as xid`,
    )
    const [version, subgraph, stream, epoch] = Buffer.from(afterAll, 'base64url').toString().split('/')
    const origin = Buffer.from([version, subgraph, stream, epoch, '0.0'].join('/')).toString('base64url')
    const reader = hub.subscribe({ tenantId: null, after: origin, accepts: all })
    expect(subjects(await take(reader, 3))).toEqual(['9', '10', '100'])
  })

  test('shows an event as soon as the older transaction that held it back has ended, with nothing to wake it', async () => {
    const { database, hub, write, now } = await openHub({ bufferedEvents: 10, pageSize: 10, pollMs: 3_600_000 })
    const stream = hub.subscribe({ tenantId: 'a', after: await now('a'), accepts: all })
    await write('a', 'first')
    await take(stream, 1)
    const older = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const holding = database.write({ role: 'ingest' }, async (tx) => {
      await tx.execute(sql`select pg_current_xact_id()`)
      begun.resolve()
      await older.promise
    })
    await begun.promise
    await write('a', 'held back')
    const next = take(stream, 1)
    older.resolve()
    await holding
    expect(subjects(await next)).toEqual(['held back'])
  })

  test('tells a reader that is too slow, with the cursor to resume after', async () => {
    const { hub, write, now } = await openHub({ bufferedEvents: 3, pageSize: 100, pollMs: 10 })
    const after = await now('a')
    const offered = Promise.withResolvers<void>()
    const stream = hub.subscribe({ tenantId: 'a', after, accepts: all })
    const witness = hub.subscribe({
      tenantId: 'a',
      after,
      accepts({ subjectId }) {
        if (subjectId === '6') offered.resolve() // and to the stream before it, which subscribed first
        return subjectId === '0' || subjectId === '1'
      },
    })
    for (const subject of ['0', '1']) {
      await write('a', subject)
      await take(stream, 1) // live by the second: history ended with the first
      await take(witness, 1)
    }
    await write('a', '2', '3', '4', '5', '6')
    await offered.promise
    const [lagged] = await take(stream, 1)
    expect(lagged).toMatchObject({ lagged: true })
    expect((await stream.next()).done).toBe(true)
    const resumed = hub.subscribe({ tenantId: 'a', after: lagged?.cursor, accepts: all })
    expect(subjects(await take(resumed, 5))).toEqual(['2', '3', '4', '5', '6'])
  })

  test('ends at once when it is told to while it waits', async () => {
    const { hub } = await openHub()
    const stream = hub.subscribe({ tenantId: 'a', accepts: all })
    const waiting = stream.next()
    await stream.return()
    expect((await waiting).done).toBe(true)
  })

  test.each([
    ['no cursor at all', 'nonsense', 'CURSOR_INVALID'],
    ['of another subgraph', Buffer.from('1/metering/a/e/1.1').toString('base64url'), 'CURSOR_INVALID'],
    ['of another tenant', Buffer.from('1/jobs/b/e/1.1').toString('base64url'), 'CURSOR_INVALID'],
    ['of a history that was replaced', Buffer.from('1/jobs/a/old/1.1').toString('base64url'), 'CURSOR_EXPIRED'],
  ])('refuses a cursor %s', async (_case, after, code) => {
    const { hub } = await openHub()
    await expect(hub.subscribe({ tenantId: 'a', after, accepts: all }).next()).rejects.toMatchObject({ code })
  })
})
