import { expect, test } from 'vitest'
import { createIds } from '../../platform/ids.ts'
import { member, operator } from '../../test/testkit/subgraph.ts'
import { startInventory } from './testkit.ts'

const acme = createIds().next('tenant')
const CREATE = `mutation ($input: CreateSchedulingPolicyInput!) { createSchedulingPolicy(input: $input) {
  schedulingPolicy { id comment createdBy agingSeconds gangStart { baseSeconds } stops { node pool stopPolicy } requireEnforcement }
  userErrors { code field } } }`
const CLUSTERS = `clusters { name schedulingPolicy {
  desired { id } desiredGeneration observedGeneration isFollowed previous { id } } } userErrors { code field }`
const APPLY = `mutation ($input: ApplySchedulingPolicyInput!) { applySchedulingPolicy(input: $input) { ${CLUSTERS} } }`
const BACK = `mutation ($input: RollBackSchedulingPolicyInput!) { rollBackSchedulingPolicy(input: $input) { ${CLUSTERS} } }`
interface Payload {
  clusters: {
    name: string
    schedulingPolicy: { desired: { id: string }; desiredGeneration: number; isFollowed: boolean }
  }[]
  userErrors: { code: string; field: string[] }[]
}

async function started() {
  const inventory = await startInventory()
  const { graph } = inventory
  const clusterId = await inventory.hello()
  type Created = {
    createSchedulingPolicy: { schedulingPolicy: { id: string } | null; userErrors: { code: string; field: string[] }[] }
  }
  const create = async (input: object) =>
    (await graph.ask<Created>(operator, CREATE, { input: { comment: 'why', ...input } })).data.createSchedulingPolicy
  const policyId = async (input: object = {}) => (await create(input)).schedulingPolicy?.id ?? ''
  const apply = async (input: object) =>
    (await graph.ask<{ applySchedulingPolicy: Payload }>(operator, APPLY, { input })).data.applySchedulingPolicy
  const back = async (input: object = {}) =>
    (await graph.ask<{ rollBackSchedulingPolicy: Payload }>(operator, BACK, { input })).data.rollBackSchedulingPolicy
  const wished = async () =>
    (await inventory.directives(clusterId)).flatMap((each) => (each.kind === 'SchedulingPolicy' ? [each.body] : []))
  return { ...inventory, clusterId, create, policyId, apply, back, wished }
}

test('a policy is kept as it was written, with defaults for what was left out', async () => {
  const { create, wished } = await started()
  const stops = [{ pool: 'a100', stopPolicy: 'HOLD' }]
  const requireEnforcement = ['MIG', 'HAMI_CORE']
  expect(await create({ agingSeconds: 3600, stops, requireEnforcement })).toMatchObject({
    userErrors: [],
    schedulingPolicy: {
      comment: 'why',
      createdBy: 'olga',
      agingSeconds: 3600,
      gangStart: { baseSeconds: 60 },
      stops: [{ node: null, pool: 'a100', stopPolicy: 'HOLD' }],
      requireEnforcement,
    },
  })
  expect(await wished()).toEqual([])
})

test('applied, it is wished for in each cluster under a new generation, and followed once the cluster says so', async () => {
  const { policyId, apply, wished, observer, clusterId, graph } = await started()
  const id = await policyId({ agingSeconds: 3600 })
  expect((await apply({ id })).clusters).toMatchObject([
    {
      name: 'local',
      schedulingPolicy: { desired: { id }, desiredGeneration: 1, observedGeneration: null, isFollowed: false },
    },
  ])
  expect(await wished()).toMatchObject([{ generation: 1, spec: { order: { agingSeconds: 3600 } } }])
  const agent = observer(clusterId)
  const seen = async () => {
    const query = `{ clusters { edges { node { schedulingPolicy { observedGeneration isFollowed } } } } }`
    type Seen = { clusters: { edges: { node: { schedulingPolicy: unknown } }[] } }
    return (await graph.ask<Seen>(operator, query)).data.clusters.edges[0]?.node.schedulingPolicy
  }
  await agent.send({ kind: 'policy', generation: 1, isFollowed: false })
  expect(await seen()).toEqual({ observedGeneration: 1, isFollowed: false })
  await agent.send({ kind: 'policy', generation: 1, isFollowed: true })
  expect(await seen()).toEqual({ observedGeneration: 1, isFollowed: true })
  await apply({ id: await policyId() })
  expect(await seen()).toEqual({ observedGeneration: 1, isFollowed: false })
})

test('rolled back it is what it was before, and once more what it was before that', async () => {
  const { policyId, apply, back, wished } = await started()
  const [a, b, c] = [
    await policyId({ agingSeconds: 100 }),
    await policyId({ agingSeconds: 200 }),
    await policyId({ agingSeconds: 300 }),
  ]
  for (const id of [a, b, c]) await apply({ id })
  expect((await back()).clusters).toMatchObject([
    { schedulingPolicy: { desired: { id: b }, desiredGeneration: 4, previous: { id: a } } },
  ])
  expect((await back()).clusters).toMatchObject([{ schedulingPolicy: { desired: { id: a }, previous: null } }])
  expect(await wished()).toMatchObject([{ generation: 5, spec: { order: { agingSeconds: 100 } } }])
  expect((await back()).userErrors).toMatchObject([{ code: 'NOTHING_BEFORE' }])
})

test('what is wished for already changes nothing, and a dry run neither', async () => {
  const { policyId, apply, back, wished } = await started()
  const id = await policyId()
  expect(await apply({ id, dryRun: true })).toEqual({ clusters: [], userErrors: [] })
  expect(await wished()).toEqual([])
  await apply({ id })
  expect((await apply({ id })).clusters).toEqual([])
  await apply({ id: await policyId() })
  expect(await back({ dryRun: true })).toEqual({ clusters: [], userErrors: [] })
  expect(await wished()).toMatchObject([{ generation: 2 }])
})

test('one key applies once', async () => {
  const { policyId, apply, wished } = await started()
  const [first, second] = [await policyId(), await policyId()]
  await apply({ id: first, idempotencyKey: 'k' })
  await apply({ id: second })
  expect((await apply({ id: first, idempotencyKey: 'k' })).clusters).toMatchObject([{ name: 'local' }])
  expect(await wished()).toMatchObject([{ generation: 2 }])
  expect((await apply({ id: second, idempotencyKey: 'k' })).userErrors).toMatchObject([
    { code: 'IDEMPOTENCY_CONFLICT' },
  ])
})

test('what no cluster would take is refused, and so is what is not there', async () => {
  const { create, apply, back } = await started()
  const refused = [
    { agingSeconds: 1 },
    { comment: '' },
    { requeue: { firstBackoffSeconds: 60, lastBackoffSeconds: 30, avoidNodeSeconds: 1 } },
    { stops: [{ stopPolicy: 'NONE' }] },
    { highestClasses: [{ class: 'BATCH' }, { class: 'TRAINING' }] },
    { topologyLevels: [{ name: 'Rack', nodeLabel: 'rack' }] },
  ]
  for (const input of refused) expect((await create(input)).userErrors).toMatchObject([{ code: 'POLICY_INVALID' }])
  const ids = createIds()
  expect((await apply({ id: ids.next('policy') })).userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['id'] }])
  expect((await back({ clusterIds: [ids.next('cluster')] })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
})

test("it is the operators' business alone", async () => {
  const { graph, policyId, apply } = await started()
  const id = await policyId()
  await apply({ id })
  const admin = member(acme, 'tenant-admin')
  const tried = [
    [CREATE, { comment: 'x' }],
    [APPLY, { id }],
    [BACK, {}],
  ] as const
  for (const [query, input] of tried) expect((await graph.ask(admin, query, { input })).codes).toEqual(['FORBIDDEN'])
  expect((await graph.ask(admin, '{ schedulingPolicies { edges { node { id } } } }')).codes).toEqual(['FORBIDDEN'])
  const { data } = await graph.ask<object>(admin, '{ clusters { edges { node { schedulingPolicy { isFollowed } } } } }')
  expect(data).toEqual({ clusters: { edges: [{ node: { schedulingPolicy: null } }] } })
})
