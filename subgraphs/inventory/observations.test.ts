import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { operator } from '../../test/testkit/subgraph.ts'
import { node, pod, queueObservation, startInventory } from './testkit.ts'

const GPUS = `query ($filter: GpuFilter) {
  gpus(filter: $filter) { edges { node { node index allocated health nodePool { name } } } }
}`
interface Gpus {
  gpus: { edges: { node: { node: string; index: number; allocated: string; health: string } }[] }
}

async function startWithCluster() {
  const inventory = await startInventory()
  const clusterId = await inventory.hello()
  const agent = inventory.observer(clusterId)
  return {
    ...inventory,
    clusterId,
    agent,
    async gpus(filter: object = {}): Promise<string[]> {
      const { data } = await inventory.graph.ask<Gpus>(operator, GPUS, { filter })
      return data.gpus.edges.map(({ node: gpu }) => `${gpu.node}/${gpu.index} ${gpu.allocated}`)
    },
    async pools(): Promise<unknown[]> {
      const { data } = await inventory.graph.ask<{ nodePools: { edges: { node: unknown }[] } }>(
        operator,
        '{ nodePools { edges { node { name flavor gpuModel nodeCount gpuCount allocatedGpus } } } }',
      )
      return data.nodePools.edges.map((edge) => edge.node)
    },
  }
}

test('nodes make pools, devices and the flavors that others decide by', async () => {
  const { agent, clusterId, pools, gpus, facts } = await startWithCluster()
  await agent.send(
    node('n1'),
    node('n2', { cpuMilli: 32_000 }),
    node('c1', { pool: 'cpu', gpuModel: null, devices: [] }),
    { kind: 'resyncEnd' },
  )
  const a100 = { name: 'a100', flavor: 'a100', gpuModel: 'A100', nodeCount: 2, gpuCount: 4, allocatedGpus: '0' }
  const cpu = { name: 'cpu', flavor: 'cpu', gpuModel: null, nodeCount: 1, gpuCount: 0, allocatedGpus: '0' }
  expect(await pools()).toEqual(expect.arrayContaining([a100, cpu]))
  expect((await gpus()).toSorted()).toEqual(['n1/0 0', 'n1/1 0', 'n2/0 0', 'n2/1 0'])
  const largest = { cpuMilliPerNode: 64_000, memoryMiBPerNode: 524_288 }
  expect(await facts('cluster')).toEqual([
    {
      id: clusterId,
      name: 'local',
      flavors: [
        { flavor: 'a100', gpuModel: 'A100', nodes: 2, gpusPerNode: 2, gpuMemoryMiB: 81_920, ...largest },
        { flavor: 'cpu', gpuModel: null, nodes: 1, gpusPerNode: 0, gpuMemoryMiB: 0, ...largest },
      ],
    },
  ])
})

test('a node seen again without a change publishes nothing', async () => {
  const { agent, subgraph } = await startWithCluster()
  await agent.send(node('n1'), { kind: 'resyncEnd' })
  const head = await subgraph.facts.head()
  await agent.send(node('n1', { ready: false }))
  expect(await subgraph.facts.head()).toBe(head)
})

test('a device keeps its id through changes of its node; what its node no longer has is gone', async () => {
  const { agent, graph } = await startWithCluster()
  const ids = async () => {
    const { data } = await graph.ask<{ gpus: { edges: { node: { id: string } }[] } }>(
      operator,
      '{ gpus { edges { node { id } } } }',
    )
    return data.gpus.edges.map((edge) => edge.node.id)
  }
  await agent.send(node('n1'), { kind: 'resyncEnd' })
  const [first, second] = await ids()
  const [kept] = node('n1').devices
  await agent.send(node('n1', { ready: false, devices: kept ? [{ ...kept, health: 'Unhealthy' }] : [] }))
  expect(await ids()).toEqual([first])
  const lost = await graph.ask(
    operator,
    `{ _entities(representations: [{ __typename: "Gpu", id: "${second}" }]) { ... on Gpu { id } } }`,
  )
  expect(lost).toEqual({ data: { _entities: [null] }, codes: ['NOT_FOUND'] })
})

test('pods hold shares from their binding to their end', async () => {
  const { agent, gpus, pools } = await startWithCluster()
  await agent.send(node('n1'), { kind: 'resyncEnd' })
  await agent.send(
    pod('waiting', null, { phase: 'Pending' }),
    pod('half', 'n1'),
    pod('quarter', 'n1', { devices: share('0.25') }),
  )
  expect(await gpus({ node: 'n1' })).toEqual(['n1/0 0.75', 'n1/1 0'])
  expect(await pools()).toMatchObject([{ allocatedGpus: '0.75' }])

  await agent.send(pod('half', 'n1', { phase: 'Succeeded', finishedAt: '2026-01-01T00:00:30Z' }))
  expect(await gpus()).toEqual(['n1/0 0.25', 'n1/1 0'])

  await agent.send({
    kind: 'podGone',
    uid: 'quarter',
    namespace: 't-acme-research',
    name: 'quarter',
    at: '2026-01-01T00:00:40Z',
  })
  expect(await gpus()).toEqual(['n1/0 0', 'n1/1 0'])
})

test('where devices are not told apart, the pool still counts them', async () => {
  const { agent, gpus, pools } = await startWithCluster()
  await agent.send(node('n1', { deviceControl: 'COUNT' }), { kind: 'resyncEnd' })
  await agent.send(pod('p', 'n1', { devices: [unknownDevice, unknownDevice] }))
  expect(await gpus()).toEqual(['n1/0 0', 'n1/1 0'])
  expect(await pools()).toMatchObject([{ gpuCount: 2, allocatedGpus: '2' }])
})

test('a GPU says what keeps shares of it to their size, as its node told last', async () => {
  const { agent, graph } = await startWithCluster()
  const enforced = async () => {
    const { data } = await graph.ask<{ gpus: { edges: { node: { shareEnforcement: string } }[] } }>(
      operator,
      '{ gpus { edges { node { shareEnforcement } } } }',
    )
    return data.gpus.edges.map((edge) => edge.node.shareEnforcement)
  }
  await agent.send(node('n1', { shareEnforcement: 'HAMI_CORE' }), { kind: 'resyncEnd' })
  expect(await enforced()).toEqual(['HAMI_CORE', 'HAMI_CORE'])
  await agent.send(node('n1'))
  expect(await enforced()).toEqual(['NONE', 'NONE'])
})

test('a pod may be seen before its node', async () => {
  const { agent, gpus } = await startWithCluster()
  await agent.send(pod('early', 'n1'))
  await agent.send(node('n1'), { kind: 'resyncEnd' })
  expect(await gpus()).toEqual(['n1/0 0.5', 'n1/1 0'])
})

test('what the resync of a new epoch leaves out is gone', async () => {
  const { agent, gpus, pools, facts } = await startWithCluster()
  await agent.send(node('stays'), node('goes', { pool: 'h100' }), pod('stays', 'stays'), pod('goes', 'stays'), {
    kind: 'resyncEnd',
  })
  agent.restart()
  await agent.send(node('stays'), pod('stays', 'stays'))
  expect((await gpus()).toSorted()).toEqual(['goes/0 0', 'goes/1 0', 'stays/0 1', 'stays/1 0'])
  await agent.send({ kind: 'resyncEnd' })
  expect(await gpus()).toEqual(['stays/0 0.5', 'stays/1 0'])
  expect(await pools()).toMatchObject([{ name: 'a100' }, { name: 'h100', nodeCount: 0, gpuCount: 0 }])
  expect(await facts('cluster')).toMatchObject([{ flavors: [{ flavor: 'a100' }] }])
})

test('a node that goes takes its devices along', async () => {
  const { agent, gpus } = await startWithCluster()
  await agent.send(node('n1'), node('n2'), { kind: 'resyncEnd' })
  await agent.send({ kind: 'nodeGone', name: 'n1' })
  expect(await gpus()).toEqual(['n2/0 0', 'n2/1 0'])
})

test('filters narrow each other', async () => {
  const { agent, clusterId, gpus, graph } = await startWithCluster()
  const sick = node('sick').devices.map((device) => ({ ...device, health: 'Unhealthy' }))
  await agent.send(
    node('n1'),
    node('away', { ready: false }),
    node('sick', { devices: sick }),
    pod('p', 'n1', { devices: share('1') }),
    { kind: 'resyncEnd' },
  )
  expect(await gpus({ available: true })).toEqual(['n1/1 0'])
  await agent.send(node('untold', { devices: [{ index: 0, uuid: '', memoryMiB: 0, health: 'Unknown' }] }))
  expect(await gpus({ available: true, node: 'untold' })).toEqual(['untold/0 0'])
  expect(await gpus({ health: 'NODE_NOT_READY' })).toEqual(['away/0 0', 'away/1 0'])
  expect(await gpus({ clusterId, model: 'A100', node: 'sick', health: 'Unhealthy', available: false })).toHaveLength(2)
  expect(await gpus({ model: 'H100' })).toEqual([])
  expect(await gpus({ node: 'n1\0' })).toEqual([])
  expect((await graph.ask(operator, GPUS, { filter: { nodePoolId: 'pool_unknown' } })).codes).toEqual(['NOT_FOUND'])
})

test("a queue's numbers are the sum over clusters; each change is an event, and only a change", async () => {
  const { agent, graph, queueId, hello, observer, database } = await startWithCluster()
  const id = await queueId({ name: 'research' })
  const other = observer(await hello('other'))
  const busy = { pending: 2, admitted: 1, usedGpus: '1.5', pendingGpus: '16' }
  await agent.send(queueObservation('research', busy), queueObservation('made-by-hand', busy))
  await other.send(queueObservation('research', { pending: 1, usedGpus: '0.50' }))
  await agent.send(queueObservation('research', busy))
  const { data } = await graph.ask(operator, `{ queue(id: "${id}") { pending admitted usedGpus pendingGpus } }`)
  expect(data).toEqual({ queue: { pending: 3, admitted: 1, usedGpus: '2', pendingGpus: '16' } })
  const bodies = await database.read({ role: 'operator' }, (tx) =>
    tx.execute(sql`select at::text, body from events where type = 'OBSERVED' order by id`),
  )
  expect(bodies.map(({ body }) => body)).toEqual([busy, { pending: 3, admitted: 1, usedGpus: '2', pendingGpus: '16' }])
})

test('a record that cannot be applied goes to quarantine, alone', async () => {
  const { agent, gpus } = await startWithCluster()
  await agent.send(node('n1'), { kind: 'resyncEnd' })
  const bad = pod('bad', 'n1', { devices: share('half') })
  expect(await agent.send(pod('good', 'n1'), bad, node('n2'))).toEqual({ outcome: 'applied', quarantined: 1 })
  expect(await gpus({ available: true })).toEqual(['n1/0 0.5', 'n1/1 0', 'n2/0 0', 'n2/1 0'])
})

function share(share: string) {
  return [{ index: 0, uuid: null, model: 'A100', share, identity: 'ASSIGNED' as const }]
}
const unknownDevice = { index: null, uuid: null, model: 'A100', share: '1', identity: 'UNKNOWN' as const }
