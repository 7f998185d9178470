import { sql } from 'drizzle-orm'
import { expect, onTestFinished, test } from 'vitest'
import { testPostgres } from '../../test/testkit/database.ts'
import { wallClock } from '../clocks.ts'
import { createLog } from '../log.ts'
import { factsFeed, publishFact } from './facts.ts'
import { type FactsProjection, followFacts } from './projection.ts'

const tenantOf = (id: string, name: string) => ({ id, slug: id, name })

/** The tenants' facts, followed by as many replicas of jobs as asked for. */
async function replicas(count: number) {
  const server = await testPostgres()
  const source = server.open('tenants')
  const feed = factsFeed(source.database, source.wakeups)
  const committed: string[][] = []
  const follow = (): FactsProjection => {
    const seen: string[] = []
    committed.push(seen)
    const projection = followFacts({
      database: server.open('jobs').database,
      feeds: { tenants: feed },
      wall: wallClock,
      log: createLog('silent'),
      // Rolled back with the transaction: what is counted is what was kept.
      onApplied: async (tx, kind, fact) => {
        await tx.execute(sql`insert into events (tenant_id, type, at, subject_id, body)
          values ('acme', ${kind}, '2026-01-01T00:00:00Z', ${fact.id}, ${JSON.stringify(fact)}::jsonb)`)
      },
      onCommitted: (facts) => seen.push(...facts.map(({ fact }) => fact.id)),
    })
    onTestFinished(() => projection.stop())
    return projection
  }
  return {
    committed,
    projections: Array.from({ length: count }, follow),
    follow,
    publish: (id: string, name: string) =>
      source.database.write({ role: 'ingest' }, (tx) => publishFact(tx, 'tenant', id, tenantOf(id, name))),
    /** Times each state of a fact was applied. */
    async applications() {
      const rows = await server.open('jobs').database.read({ role: 'ingest' }, (tx) =>
        tx.execute<{ state: string; times: number }>(sql`
          select subject_id || '=' || (body ->> 'name') as state, count(*)::int as times from events group by 1 order by 1`),
      )
      return new Map(rows.map(({ state, times }) => [state, times]))
    },
    async known() {
      const rows = await server
        .open('jobs')
        .database.read({ role: 'ingest' }, (tx) =>
          tx.execute<{ state: string }>(
            sql`select id || '=' || (body ->> 'name') as state from known_facts order by 1`,
          ),
        )
      return rows.map(({ state }) => state)
    },
  }
}

test('facts that two replicas follow at once are applied once, and never an older one over a newer', async () => {
  const { projections, publish, applications, known, committed } = await replicas(2)
  for (let round = 1; round <= 20; round += 1) {
    await Promise.all(['a', 'b', 'c'].map((id) => publish(id, String(round))))
    if (round % 5 === 0) {
      const caughtUp = await Promise.all(projections.map((projection) => projection.catchUp('tenants')))
      expect(caughtUp).toEqual([true, true])
      expect(await known()).toEqual([`a=${round}`, `b=${round}`, `c=${round}`])
    }
  }
  const times = await applications()
  expect([...times].filter(([, count]) => count !== 1)).toEqual([])
  expect(times.has('a=20')).toBe(true)
  // Whatever each keeps in memory hears of every fact, whoever applied it.
  for (const seen of committed) expect(new Set(seen)).toEqual(new Set(['a', 'b', 'c']))
})

test('a replica that starts later goes on from where the others are', async () => {
  const { projections, publish, follow, applications } = await replicas(1)
  await publish('a', '1')
  expect(await projections[0]?.catchUp('tenants')).toBe(true)
  const late = follow()
  expect(await late.catchUp('tenants')).toBe(true)
  await publish('a', '2')
  expect(await late.catchUp('tenants')).toBe(true)
  expect([...(await applications())]).toEqual([
    ['a=1', 1],
    ['a=2', 1],
  ])
})
