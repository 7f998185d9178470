import { expect, onTestFinished, test } from 'vitest'
import { testPostgres } from '../../test/testkit/database.ts'
import { factsFeed, publishFact } from '../facts/facts.ts'
import { type FactsProjection, followFacts } from '../facts/projection.ts'
import type { Identity } from '../identity/identity.ts'
import { createLog } from '../log.ts'
import { createAccess, SILENCE_MS } from './access.ts'

const ISSUED_MS = Date.parse('2026-01-01T00:00:00Z')
const ALICE: Identity = {
  kind: 'member',
  subject: 'alice',
  tenantId: 'tenant_1',
  tenantSlug: 'acme',
  role: 'developer',
  issuedAtMs: ISSUED_MS,
  expiresAtMs: ISSUED_MS + 3_600_000,
}

/** The facts of tenants, followed by jobs, whose callers are held against them. */
async function start() {
  const postgres = await testPostgres()
  const { database: tenants, wakeups } = postgres.open('tenants')
  const { database } = postgres.open('jobs')
  const wall = { ms: ISSUED_MS + 1_000, nowMs: () => wall.ms }
  const access = createAccess({ database, wall })
  const projection = followFacts({
    database,
    feeds: { tenants: factsFeed(tenants, wakeups) },
    wall,
    log: createLog('silent'),
    onCommitted: access.learn,
  })
  onTestFinished(async () => {
    access.stop()
    await projection.stop()
  })
  return {
    wall,
    database,
    projection,
    access,
    async remove(subject: string, atMs = wall.ms) {
      const at = new Date(atMs).toISOString()
      await tenants.write({ role: 'ingest' }, (tx) =>
        publishFact(tx, 'removal', 'tenant_1', { id: `tenant_1/${subject}`, tenantId: 'tenant_1', subject, at }),
      )
      await projection.catchUp('tenants')
    },
  }
}

const codeOf = (error: { extensions: Record<string, unknown> } | null) => error?.extensions.code

test('a member who was removed may not ask, however often', async () => {
  const { access, projection, remove } = await start()
  access.begin(projection)
  await access.check(ALICE)
  await remove('alice')
  for (let again = 0; again < 2; again += 1) {
    await expect(access.check(ALICE)).rejects.toMatchObject({ extensions: { code: 'MEMBER_REMOVED' } })
  }
})

test('a token from after the removal is a new membership', async () => {
  const { access, projection, remove, wall } = await start()
  access.begin(projection)
  await remove('alice')
  await access.check({ ...ALICE, issuedAtMs: wall.ms + 1_000 })
})

test('nobody else is meant: the same name in another tenant, another name, an operator', async () => {
  const { access, projection, remove } = await start()
  access.begin(projection)
  await remove('alice')
  await access.check({ ...ALICE, tenantId: 'tenant_2' } as Identity)
  await access.check({ ...ALICE, subject: 'bob' })
  await access.check({ ...ALICE, kind: 'operator' } as Identity)
})

test('a removal of before the start is known', async () => {
  const { projection, remove, database, wall } = await start()
  await remove('alice')
  const later = createAccess({ database, wall })
  onTestFinished(() => later.stop())
  later.begin(projection)
  await expect(later.check(ALICE)).rejects.toMatchObject({ extensions: { code: 'MEMBER_REMOVED' } })
})

test('streams of a removed member are told so, and no others', async () => {
  const { access, projection, remove } = await start()
  access.begin(projection)
  const ended: string[] = []
  const told = new Promise<unknown>((resolve) => access.watch(ALICE, (reason) => resolve(codeOf(reason))))
  access.watch({ ...ALICE, subject: 'bob' }, () => ended.push('bob'))
  const forget = access.watch({ ...ALICE, issuedAtMs: ISSUED_MS - 1 }, () => ended.push('left before'))
  forget()
  await remove('alice')
  expect(await told).toBe('MEMBER_REMOVED')
  expect(ended).toEqual([])
})

test('a stream ends with its token', async () => {
  const { access, wall } = await start()
  wall.ms = ALICE.expiresAtMs - 1
  expect(access.reasonToEnd(ALICE)).toBeNull()
  wall.ms = ALICE.expiresAtMs
  expect(codeOf(access.reasonToEnd(ALICE))).toBe('TOKEN_EXPIRED')
})

test('who has heard nothing of removals for too long ends the streams of members, and may go on with operators', async () => {
  const { access, wall } = await start()
  const heardAtMs = wall.ms
  const silent: Pick<FactsProjection, 'silentMs'> = { silentMs: () => wall.ms - heardAtMs }
  access.begin(silent)
  const told = new Promise<unknown>((resolve) => access.watch(ALICE, (reason) => resolve(codeOf(reason))))
  wall.ms = heardAtMs + SILENCE_MS
  expect(access.reasonToEnd(ALICE)).toBeNull()
  wall.ms += 1
  expect(await told).toBe('SERVICE_UNAVAILABLE')
  expect(access.reasonToEnd({ ...ALICE, kind: 'operator' } as Identity)).toBeNull()
})
