import { expect, test } from 'vitest'
import { createIds } from '../../platform/ids.ts'
import type { QueueFiguresObservation } from '../../platform/link/protocol.ts'
import { member, operator } from '../../test/testkit/subgraph.ts'
import { queueObservation, startInventory } from './testkit.ts'

const acme = createIds().next('tenant')
const bravo = createIds().next('tenant')
const CELL = { flavor: '*', resource: 'GPU' as const, nominal: '8', pending: '0', lent: '0', reclaimable: '0' }
const USAGE = `query ($id: ID!, $first: Int, $after: String, $since: DateTime) {
  queue(id: $id) {
    weightedShare usageAsOf flavorsUsage { flavor resource used pending nominal borrowed lent reclaimable }
    history(first: $first, after: $after, since: $since) {
      edges { cursor node { at pending admitted weightedShare flavorsUsage { used } } } pageInfo { hasNextPage }
    }
  }
}`
interface Asked {
  queue: {
    weightedShare: number | null
    usageAsOf: string | null
    flavorsUsage: { used: string }[]
    history: { edges: { cursor: string; node: { at: string; flavorsUsage: { used: string }[] } }[] }
  } | null
}

const figures = (name: string, used: string, borrowed = '0'): QueueFiguresObservation => ({
  name,
  weightedShare: Number(borrowed) / 16,
  cells: [{ ...CELL, used, borrowed }],
})
const snapshot = (version: number, at: string, queues: QueueFiguresObservation[] | null) => ({
  kind: 'snapshot' as const,
  version,
  at: `2026-01-01T00:${at}.000Z`,
  body: queues === null ? null : Buffer.from(`snapshot ${version}`).toString('base64'),
  queues: queues ?? [],
})

async function started() {
  const inventory = await startInventory()
  const agent = inventory.observer(await inventory.hello())
  const id = await inventory.queueId({ name: 'research' })
  const ask = async (variables: object = {}, as: Parameters<typeof inventory.graph.ask>[0] = operator) =>
    (await inventory.graph.ask<Asked>(as, USAGE, { id, ...variables })).data.queue
  return { ...inventory, agent, id, ask }
}

test('a queue says nothing of its use before a cluster has told', async () => {
  const { ask } = await started()
  expect(await ask()).toEqual({
    weightedShare: null,
    usageAsOf: null,
    flavorsUsage: [],
    history: { edges: [], pageInfo: { hasNextPage: false } },
  })
})

test('what a cluster tells replaces what it told before, and stays as old as it was told last', async () => {
  const { agent, ask } = await started()
  await agent.send(snapshot(1, '01:00', [figures('research', '4')]))
  await agent.send(snapshot(2, '01:10', [figures('research', '12', '4'), figures('not-ours', '1')]))
  await agent.send(snapshot(2, '01:40', null))
  expect(await ask()).toMatchObject({
    weightedShare: 0.25,
    usageAsOf: '2026-01-01T00:01:40.000Z',
    flavorsUsage: [{ ...CELL, used: '12', borrowed: '4' }],
  })
})

test('of several clusters the use is added', async () => {
  const { agent, observer, hello, ask } = await started()
  const other = observer(await hello('other'))
  await agent.send(snapshot(1, '01:00', [figures('research', '4')]))
  await other.send(snapshot(1, '01:30', [figures('research', '0.5')]))
  expect(await ask()).toMatchObject({ usageAsOf: '2026-01-01T00:01:00.000Z', flavorsUsage: [{ used: '4.5', nominal: '8' }] })
})

test('history has a sample for each minute in which something changed, as the minute ended', async () => {
  const { agent, ask } = await started()
  await agent.send(queueObservation('research', { pending: 2 }), snapshot(1, '01:10', [figures('research', '1')]))
  await agent.send(snapshot(2, '01:50', [figures('research', '2')]))
  await agent.send(snapshot(3, '02:00', [figures('research', '2')]))
  await agent.send(snapshot(4, '05:00', [figures('research', '3')]))
  const all = await ask()
  const seen = all?.history.edges.map(({ node }) => [node.at, node.flavorsUsage[0]?.used])
  expect(seen).toEqual([
    ['2026-01-01T00:01:50.000Z', '2'],
    ['2026-01-01T00:05:00.000Z', '3'],
  ])
  expect(all?.history.edges[0]?.node).toMatchObject({ pending: 2, admitted: 0 })
  const first = await ask({ first: 1 })
  expect(first?.history).toMatchObject({ pageInfo: { hasNextPage: true } })
  const rest = await ask({ after: first?.history.edges[0]?.cursor })
  expect(rest?.history.edges).toEqual(all?.history.edges.slice(1))
  expect((await ask({ since: '2026-01-01T00:02:00Z' }))?.history.edges).toEqual(all?.history.edges.slice(1))
})

test('a cursor that is no minute is refused', async () => {
  const { graph, id } = await started()
  const after = Buffer.from('after:nonsense').toString('base64url')
  const { codes } = await graph.ask(operator, USAGE, { id, after })
  expect(codes).toEqual(['CURSOR_INVALID'])
})

test("another tenant's queue does not exist, with its use and its history", async () => {
  const inventory = await startInventory()
  await inventory.publishTenant(acme, 'acme')
  const agent = inventory.observer(await inventory.hello())
  const parentId = await inventory.queueId({ name: 'root' })
  const id = await inventory.queueId({ name: 'own', tenantId: acme, parentId })
  await agent.send(snapshot(1, '01:00', [figures('acme.own', '4')]))
  const ask = (tenantId: string) => inventory.graph.ask<Asked>(member(tenantId, 'viewer'), USAGE, { id })
  expect((await ask(acme)).data.queue?.flavorsUsage).toHaveLength(1)
  const { data, codes } = await ask(bravo)
  expect(data.queue).toBeNull()
  expect(codes).toEqual(['NOT_FOUND'])
})
