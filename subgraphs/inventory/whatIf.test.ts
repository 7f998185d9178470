import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Claims } from '../../platform/identity/identity.ts'
import { createIds } from '../../platform/ids.ts'
import type { PendingJob } from '../../scheduler/model/job.ts'
import { aJob, aNode, aPod, aQueue, aRunning, aSnapshot } from '../../scheduler/testkit/builders.ts'
import { SnapshotWriter } from '../../scheduler/whatif/snapshotText.ts'
import { member, operator } from '../../test/testkit/subgraph.ts'
import { node, startInventory } from './testkit.ts'

const ids = createIds()
const [acme, bravo, project] = [ids.next('tenant'), ids.next('tenant'), ids.next('project')]
const NOW_MS = Date.parse('2026-01-01T00:01:00.000Z')
const HOUR_MS = 3_600_000

const OUTLOOK = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on PendingReason {
  estimatedStart estimateSureness numbers { resource asked free biggestHole }
  changes { kind message amount queue { name } flavor resource }
} } }`
const PREVIEW = `query ($input: AdmissionPreviewInput!) { admissionPreview(input: $input) {
  userErrors { code field }
  preview { verdict asOf cluster { name } reason { code } estimatedStart estimateSureness stops pricing
    placement { flavor gpuModel nodes { name pods } } changes { kind amount } }
} }`
const SIMULATE = `query ($input: SimulateSchedulingInput!) { simulateScheduling(input: $input) {
  userErrors { code field }
  simulation { asOf cluster { name }
    before { total { waiting start } queues { queue { name } numbers { waiting startNow } } }
    after { total { waiting start usedGpus } queues { queue { name } numbers { waiting startNow meanWaitSeconds } } } }
} }`

/** A cluster of one node of eight GPUs, and a subgraph that has been told of it. */
async function started(given: { jobs?: PendingJob[]; isBusy?: boolean } = {}) {
  const inventory = await startInventory()
  await inventory.publishTenant(acme, 'acme')
  await inventory.publishProject({ id: project, tenantId: acme, tenantSlug: 'acme', namespace: 't-acme-research' })
  const clusterId = await inventory.hello()
  const parentId = await inventory.queueId({ name: 'root' })
  const own = await inventory.queueId({ name: 'own', tenantId: acme, parentId })
  const snapshot = aSnapshot({
    nodes: [aNode('n1', { taints: [{ key: 'sluice.dev/gpu', value: '', effect: 'NoSchedule' }] })],
    queues: [aQueue('root'), aQueue('default'), aQueue('acme.own', { parent: 'root', tenantId: acme, nominal: 4 })],
    running: given.isBusy ? [aRunning('r', 'n1/0+1+2+3+4+5', { endsAtMs: NOW_MS + HOUR_MS, preemptible: false })] : [],
    jobs: given.jobs ?? [],
  })
  const body = gzipSync(new SnapshotWriter().write(snapshot)).toString('base64')
  const at = new Date(NOW_MS).toISOString()
  await inventory.observer(clusterId).send(node('n1'), { kind: 'snapshot', version: 1, at, body, queues: [] })
  const ask = async <Data>(query: string, variables: object, as: Claims = member(acme, 'tenant-admin')) =>
    inventory.graph.ask<Data>(as, query, { ...variables })
  return { ...inventory, clusterId, own, ask }
}

const tolerant = { tolerations: [{ key: 'sluice.dev/gpu', operator: 'Exists' as const, value: '', effect: '' }] }
const ofAcme = (uid: string, gpus: number) => aJob(uid, aPod({ gpus, ...tolerant }), { tenantId: acme })
const preview = (gpus: number) => ({
  input: { projectId: project, queue: 'default', resources: { gpu: { count: gpus } } },
})

describe('why a job waits', () => {
  type Told = { _entities: Record<string, unknown>[] }
  const of = (clusterId: string, uid: string) => ({
    of: [{ __typename: 'PendingReason', workload: `${clusterId}/${uid}` }],
  })

  test('is told with what is asked and free, when it starts, and what would help', async () => {
    const { ask, clusterId } = await started({ isBusy: true, jobs: [ofAcme('a', 4)] })
    const { data } = await ask<Told>(OUTLOOK, of(clusterId, 'a'))
    expect(data._entities[0]).toEqual({
      estimatedStart: new Date(NOW_MS + HOUR_MS).toISOString(),
      estimateSureness: 'RESERVED',
      numbers: { resource: 'GPU', asked: '4', free: '2', biggestHole: '2' },
      changes: [
        {
          kind: 'FEWER_GPUS',
          message: 'With 2 GPUs a pod it would be admitted now.',
          amount: '2',
          queue: null,
          flavor: null,
          resource: null,
        },
      ],
    })
  })

  test("is nothing of another tenant's job, of one that is not there, and of one that was not seen yet", async () => {
    const { ask, clusterId } = await started({ isBusy: true, jobs: [ofAcme('a', 4)] })
    const nothing = { estimatedStart: null, estimateSureness: null, numbers: null, changes: null }
    const asBravo = await ask<Told>(OUTLOOK, of(clusterId, 'a'), member(bravo, 'tenant-admin'))
    expect(asBravo.data._entities).toEqual([nothing])
    for (const workload of [`${clusterId}/b`, '', 'nonsense']) {
      const { data } = await ask<Told>(OUTLOOK, { of: [{ __typename: 'PendingReason', workload }] })
      expect(data._entities).toEqual([nothing])
    }
    expect((await ask<Told>(OUTLOOK, of(clusterId, 'a'), operator)).data._entities[0]).toMatchObject({
      estimateSureness: 'RESERVED',
    })
  })
})

describe('admissionPreview', () => {
  type Told = { admissionPreview: { preview: Record<string, unknown> | null; userErrors: { code: string }[] } }

  test('says where a job would start now', async () => {
    const { ask } = await started()
    const { data } = await ask<Told>(PREVIEW, preview(4))
    expect(data.admissionPreview).toMatchObject({
      userErrors: [],
      preview: {
        verdict: 'STARTS_NOW',
        asOf: new Date(NOW_MS).toISOString(),
        cluster: { name: 'local' },
        reason: null,
        placement: { flavor: 'a100', gpuModel: 'A100', nodes: [{ name: 'n1', pods: 1 }] },
      },
    })
  })

  test('says with how many pods an elastic job would start now', async () => {
    const { ask } = await started()
    const { input } = preview(4)
    const answer = await ask<Told>(PREVIEW, { input: { ...input, replicas: 5, minCount: 1 } })
    expect(answer.data.admissionPreview.preview).toMatchObject({
      verdict: 'STARTS_NOW',
      placement: { nodes: [{ name: 'n1', pods: 2 }] },
    })
  })

  test('says why it would wait, until when, and what would start now', async () => {
    const { ask } = await started({ isBusy: true })
    expect((await ask<Told>(PREVIEW, preview(4))).data.admissionPreview.preview).toMatchObject({
      verdict: 'WAITS',
      reason: { code: 'WaitingForReservation' },
      estimateSureness: 'RESERVED',
      estimatedStart: new Date(NOW_MS + HOUR_MS).toISOString(),
      changes: [{ kind: 'FEWER_GPUS', amount: '2' }],
    })
  })

  test('says what could never start', async () => {
    const { ask } = await started()
    expect((await ask<Told>(PREVIEW, preview(9))).data.admissionPreview.preview).toMatchObject({
      verdict: 'NEVER',
      reason: { code: 'GangLargerThanCluster' },
      estimateSureness: 'NONE',
      changes: [{ kind: 'FEWER_GPUS', amount: '8' }],
    })
  })

  test("refuses another tenant's project, a queue that is not there, and figures that no job can have", async () => {
    const { ask } = await started()
    const codes = async (input: object, as?: Claims) =>
      (await ask<Told>(PREVIEW, { input: { ...preview(1).input, ...input } }, as)).data.admissionPreview.userErrors.map(
        ({ code }) => code,
      )
    expect(await codes({}, member(bravo, 'developer'))).toEqual(['NOT_FOUND'])
    expect(await codes({ projectId: ids.next('project') })).toEqual(['NOT_FOUND'])
    expect(await codes({ queue: 'nowhere' })).toEqual(['QUEUE_NOT_FOUND'])
    expect(await codes({ replicas: 0 })).toEqual(['REPLICAS_OUT_OF_RANGE'])
    expect(await codes({ replicas: 2, minCount: 3 })).toEqual(['MIN_COUNT_OUT_OF_RANGE'])
    expect(await codes({ priorityClass: 'system-node-critical' })).toEqual(['PRIORITY_CLASS_UNKNOWN'])
  })

  test('says so where no cluster has told yet', async () => {
    const inventory = await startInventory()
    await inventory.publishTenant(acme, 'acme')
    await inventory.publishProject({ id: project, tenantId: acme, tenantSlug: 'acme', namespace: 't-acme-research' })
    const { data } = await inventory.graph.ask<Told>(operator, PREVIEW, { ...preview(1) })
    expect(data.admissionPreview.userErrors.map(({ code }) => code)).toEqual(['NO_CLUSTER'])
  })
})

describe('simulateScheduling', () => {
  type Told = { simulateScheduling: { simulation: Record<string, unknown> | null; userErrors: { code: string }[] } }
  const jobs = [ofAcme('a', 8), ofAcme('b', 8)]

  test('shows what more nodes would do', async () => {
    const { ask } = await started({ jobs })
    const input = { addNodes: [{ flavor: 'a100', count: 1 }] }
    const { data } = await ask<Told>(SIMULATE, { input }, operator)
    expect(data.simulateScheduling).toMatchObject({
      userErrors: [],
      simulation: {
        cluster: { name: 'local' },
        before: { queues: [{ queue: { name: 'default' }, numbers: { waiting: 2, startNow: 1 } }] },
        after: { queues: [{ numbers: { waiting: 2, startNow: 2, meanWaitSeconds: 0 } }], total: { usedGpus: '16' } },
      },
    })
  })

  test("shows a tenant what its own queue's quota would do, and of others the sum alone", async () => {
    const inOwn = (uid: string, gpus: number) => ({ ...ofAcme(uid, gpus), queue: 'acme.own' })
    const elsewhere = { ...ofAcme('c', 1), queue: 'bravo.own', tenantId: bravo }
    const { ask, own } = await started({ jobs: [inOwn('a', 2), inOwn('b', 2), elsewhere] })
    const quotas = [{ flavor: '*', resource: 'GPU', nominalQuota: '2', borrowingLimit: '0' }]
    const { data } = await ask<Told>(SIMULATE, { input: { queues: [{ id: own, quotas }] } })
    expect(data.simulateScheduling.simulation).toMatchObject({
      before: { queues: [{ queue: { name: 'own' }, numbers: { waiting: 2, startNow: 2 } }] },
      after: { queues: [{ queue: { name: 'own' }, numbers: { waiting: 2, startNow: 1 } }] },
    })
  })

  test('lets only operators try nodes, policies and shared queues', async () => {
    const { ask, queueId } = await started({ jobs })
    const shared = await queueId({ name: 'shared' })
    const tried = [{ addNodes: [{ flavor: 'a100', count: 1 }] }, { cordonNodes: ['n1'] }, { agingSeconds: 60 }]
    for (const input of [...tried, { queues: [{ id: shared, weight: '2' }] }])
      expect((await ask<Told>(SIMULATE, { input })).codes).toEqual(['FORBIDDEN'])
  })

  test("refuses another tenant's queue as one that is not there, and what is out of bounds", async () => {
    const { ask, own } = await started()
    const codes = async (input: object, as: Claims = operator) =>
      (await ask<Told>(SIMULATE, { input }, as)).data.simulateScheduling.userErrors.map(({ code }) => code)
    expect(await codes({ queues: [{ id: own }] }, member(bravo, 'tenant-admin'))).toEqual(['NOT_FOUND'])
    expect(await codes({ horizonSeconds: 1 })).toEqual(['OUT_OF_RANGE'])
    expect(await codes({ addNodes: [{ flavor: 'a100', count: 1001 }] })).toEqual(['OUT_OF_RANGE'])
    expect(await codes({ addNodes: [{ flavor: 'nothing', count: 1 }] })).toEqual(['OUT_OF_RANGE'])
    expect(await codes({ jobs: [{ count: 501, job: preview(1).input }] })).toEqual(['OUT_OF_RANGE'])
  })
})

describe('defragmentationPlan', () => {
  const PLAN = `query ($input: DefragmentationInput!) { defragmentationPlan(input: $input) {
    userErrors { code field } plan { jobs pods freesNodes freesGpus lostGpuSeconds moves { uid } } } }`
  type Told = { defragmentationPlan: { plan: object | null; userErrors: { code: string }[] } }

  test('says what would be free, to operators alone', async () => {
    const { ask } = await started()
    const { data } = await ask<Told>(PLAN, { input: {} }, operator)
    expect(data.defragmentationPlan).toEqual({
      userErrors: [],
      plan: { jobs: 0, pods: 0, freesNodes: [], freesGpus: 0, lostGpuSeconds: 0, moves: [] },
    })
    expect((await ask<Told>(PLAN, { input: {} })).codes).toEqual(['FORBIDDEN'])
    const refused = await ask<Told>(PLAN, { input: { wholeNodes: 0 } }, operator)
    expect(refused.data.defragmentationPlan.userErrors).toMatchObject([{ code: 'OUT_OF_RANGE' }])
  })
})
