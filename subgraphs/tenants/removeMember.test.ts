import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Facts } from '../../platform/facts/kinds.ts'
import { testDatabase, untilSettled } from '../../test/testkit/database.ts'
import { member, operator, testDeps, testGraph } from '../../test/testkit/subgraph.ts'
import { createTenantsSubgraph } from './subgraph.ts'

const REMOVE = `mutation ($input: RemoveMemberInput!) {
  removeMember(input: $input) { removedAt userErrors { code field } }
}`
interface Removed {
  removeMember: { removedAt: string | null; userErrors: { code: string; field: string[] | null }[] }
}

async function start() {
  const own = await testDatabase('tenants')
  const deps = testDeps(own)
  const subgraph = await createTenantsSubgraph({ ...deps, entityExists: async () => false })
  const graph = testGraph(subgraph, deps)
  const { data } = await graph.ask<{ createTenant: { tenant: { id: string } } }>(
    operator,
    'mutation { createTenant(input: { slug: "acme", name: "Acme" }) { tenant { id } } }',
  )
  const tenantId = data.createTenant.tenant.id
  return {
    tenantId,
    admin: member(tenantId, 'tenant-admin'),
    remove: async (as = operator, input: Record<string, unknown> = {}) =>
      graph.ask<Removed>(as, REMOVE, { input: { tenantId, subject: 'ada', ...input } }),
    async removals() {
      await untilSettled(own.database)
      const { entries } = await subgraph.facts.read(undefined, 100)
      return entries.filter(({ kind }) => kind === 'removal').map(({ body }) => body as unknown as Facts['removal'])
    },
    decisions: async () =>
      own.database.read({ role: 'operator' }, (tx) =>
        tx.execute(sql`select principal, decision from audit_log where action = 'removeMember' order by id`),
      ),
  }
}

describe('removeMember', () => {
  test('tells the other subgraphs until when tokens of the member were issued that open nothing more', async () => {
    const { remove, removals, tenantId, admin } = await start()
    const { data } = await remove(admin)
    expect(data.removeMember.userErrors).toEqual([])
    const at = data.removeMember.removedAt
    expect(await removals()).toEqual([{ id: `${tenantId}/ada`, tenantId, subject: 'ada', at }])
  })

  test('again, later, moves that time on; by the same key it does not', async () => {
    const { remove, removals } = await start()
    const first = await remove(operator, { idempotencyKey: 'k' })
    const again = await remove(operator, { idempotencyKey: 'k' })
    expect(again.data).toEqual(first.data)
    const { data } = await remove()
    expect(Date.parse(data.removeMember.removedAt ?? '')).toBeGreaterThanOrEqual(
      Date.parse(first.data.removeMember.removedAt ?? ''),
    )
    expect(await removals()).toMatchObject([{ at: data.removeMember.removedAt }])
  })

  test('a dry run changes nothing', async () => {
    const { remove, removals } = await start()
    const { data } = await remove(operator, { dryRun: true })
    expect(data.removeMember).toEqual({ removedAt: null, userErrors: [] })
    expect(await removals()).toEqual([])
  })

  test('is for administrators: the attempt of a developer is denied, and recorded', async () => {
    const { remove, removals, decisions, tenantId, admin } = await start()
    expect((await remove(member(tenantId, 'developer'))).codes).toEqual(['FORBIDDEN'])
    expect(await removals()).toEqual([])
    await remove(admin)
    expect(await decisions()).toEqual([
      { principal: 'developer@acme', decision: 'denied' },
      { principal: 'tenant-admin@acme', decision: 'allowed' },
    ])
  })

  for (const [name, subject] of Object.entries({
    empty: '',
    endless: 'a'.repeat(201),
    'of control characters': 'a\0',
  })) {
    test(`a subject that is ${name} is refused`, async () => {
      const { remove } = await start()
      const { data } = await remove(operator, { subject })
      expect(data.removeMember.userErrors).toEqual([{ code: 'SUBJECT_INVALID', field: ['subject'] }])
    })
  }

  test('another tenant’s administrator finds no such tenant', async () => {
    const { remove, removals } = await start()
    const { data } = await remove(member('tenant_01h00000000000000000000000', 'tenant-admin', 'other'))
    expect(data.removeMember.userErrors).toEqual([{ code: 'NOT_FOUND', field: ['tenantId'] }])
    expect(await removals()).toEqual([])
  })
})
