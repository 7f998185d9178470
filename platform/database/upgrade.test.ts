import { readFile } from 'node:fs/promises'
import { sql } from 'drizzle-orm'
import { expect, onTestFinished, test } from 'vitest'
import { emptyPostgres, query, untilSettled } from '../../test/testkit/database.ts'
import { audit } from '../audit.ts'
import { wallClock } from '../clocks.ts'
import { appendEvents } from '../events/events.ts'
import { publish, readFeed } from '../feeds/feeds.ts'
import { claimKey } from '../idempotency.ts'
import { sweep } from '../retention/sweep.ts'
import { commonTasks, KEPT_FOR } from '../retention/tasks.ts'
import { createWakeups } from '../wakeups.ts'
import { openDatabase } from './database.ts'
import { migrate } from './migrate.ts'

const RELEASED = JSON.parse(await readFile(new URL('../../migrations/released.json', import.meta.url), 'utf8'))
const AT = new Date('2026-03-01T12:00:00Z')

/** A database as the released version left it, and a writer whose every statement that version sends as well. */
async function released() {
  const admin = await emptyPostgres()
  await migrate(admin, { through: RELEASED })
  const database = openDatabase({
    subgraph: 'jobs',
    connection: { ...admin, user: 'sluice_jobs' },
    maxConnections: 2,
    notify: createWakeups().notify,
  })
  onTestFinished(() => database.close())
  let written = 0
  const write = () =>
    database.write({ role: 'app', tenantId: 'acme' }, async (tx) => {
      written += 1
      const id = `job-${written}`
      const at = AT.toISOString()
      await claimKey(tx, { tenantId: 'acme', principal: 'ada', mutation: 'submitJob', key: id, input: {}, now: AT }, id)
      await tx.execute(sql`
        insert into jobs (id, tenant_id, project_id, cluster_id, name, namespace, object_name, adopted, image, env, labels,
                          replicas, class, priority, preemptible, resources, phase, submitted_at, seen_epoch, seen_seq)
        values (${id}, 'acme', 'p', 'c', ${id}, 'n', ${id}, false, 'i', '[]'::jsonb, '[]'::jsonb, 1, 'BATCH', 0, true,
                '{}'::jsonb, 'PENDING', ${at}, 0, 0)`)
      await appendEvents(tx, [
        { tenantId: 'acme', type: 'SUBMITTED', at: AT, subjectId: id, projectId: null, body: {} },
      ])
      await publish(tx, { feed: 'facts', kind: 'job', key: id, tenantId: 'acme', body: {} })
      await audit(tx, {
        tenantId: 'acme',
        at: AT,
        principal: 'ada',
        action: 'submitJob',
        objectId: id,
        decision: 'allowed',
        requestId: 'r',
        input: {},
      })
    })
  return { admin, database, write, written: () => written }
}

test('the released version goes on writing while two programs of this one migrate, and afterwards', async () => {
  const { admin, database, write, written } = await released()
  await write()
  let isMigrating = true
  const writer = (async () => {
    while (isMigrating) await write()
  })()
  await Promise.all([migrate(admin), migrate(admin)])
  isMigrating = false
  await writer
  await write()

  for (const table of ['jobs', 'events', 'feed_entries', 'idempotency', 'audit_log'])
    expect(await query(admin, `select count(*)::int as count from jobs.${table}`), table).toEqual([
      { count: written() },
    ])
  await untilSettled(database)
  const feed = await database.read({ role: 'ingest' }, (tx) => readFeed(tx, 'facts', undefined, 1_000))
  expect(feed.entries).toHaveLength(Math.min(written(), 1_000))
  // And what only this version does works on what that one wrote.
  const signal = new AbortController().signal
  expect(
    await sweep({ database, clock: wallClock, wall: wallClock, tasks: commonTasks(KEPT_FOR), batchRows: 10, signal }),
  ).toBe(true)
})
