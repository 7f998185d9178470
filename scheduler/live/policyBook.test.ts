import { afterEach, assert, describe, expect, test } from 'vitest'
import { defaultSchedulingPolicy } from '../../kubernetes/crds/schedulingPolicies.ts'
import { annotations } from '../../kubernetes/names.ts'
import type { SchedulingPolicySpec } from '../../kubernetes/objects.ts'
import { gpuNode, TENANT } from '../../kubernetes/simulated/testkit.ts'
import { nodes, type Stage, startStage } from '../testkit/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

/** A gang of which one pod is never created, because the namespace has a quota of one. */
async function startShortOfPods(): Promise<void> {
  stage = await startStage()
  await stage.cluster.create('ResourceQuota', {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { namespace: 't', name: 'one' },
    spec: { hard: { pods: '1' } },
  })
}
async function setPolicy(spec: Partial<SchedulingPolicySpec>): Promise<void> {
  const { spec: usual } = defaultSchedulingPolicy
  await stage.cluster.apply('SchedulingPolicy', { ...defaultSchedulingPolicy, spec: { ...usual, ...spec } })
  await stage.settle()
}
const policy = () => stage.cluster.get('SchedulingPolicy', { name: 'default' })
async function requeue(): Promise<{ attempt: number; notBefore: string }> {
  const { metadata } = await stage.job({ namespace: 't', name: 'job' })
  return JSON.parse(metadata.annotations?.[annotations.requeue] ?? 'null')
}

describe('a scheduling policy', () => {
  test('without one a gang has a minute and a second for fifteen pods, and waits ten seconds after', async () => {
    await startShortOfPods()
    await stage.submit({ slots: 3, gpus: 1 })
    await stage.pass(60)
    assert.isNull(await requeue())
    await stage.pass(1)
    assert.equal((await requeue()).attempt, 1)
    const waits = Date.parse((await requeue()).notBefore) - stage.clock.nowMs()
    expect(waits).toBeLessThanOrEqual(10_000)
  })

  test('says after how long a job goes before all priorities, and is not stopped for one', async () => {
    stage = await startStage()
    await setPolicy({ order: { agingSeconds: 100 } })
    await stage.submit({
      name: 'running',
      gpus: 4,
      runSeconds: 150,
      annotations: { [annotations.preemptible]: 'false' },
    })
    await stage.settle()
    await stage.submit({ name: 'old', gpus: 4, annotations: { [annotations.class]: 'BATCH' } })
    await stage.pass(60)
    await stage.submit({ name: 'urgent', gpus: 4, annotations: { [annotations.class]: 'INFERENCE' } })
    await stage.pass(100)
    assert.lengthOf(await stage.placesOf('old'), 1)
  })

  test('stops a pool, and whatever runs on a node that is drained, until it is lifted', async () => {
    stage = await startStage({ nodes: [...nodes('gpu-1', 'gpu-2'), { ...gpuNode, name: 'other', pool: 'other' }] })
    await stage.submit({ name: 'stays', gpus: 4, pod: { nodeSelector: { 'kubernetes.io/hostname': 'gpu-1' } } })
    await stage.submit({ name: 'moves', gpus: 4, pod: { nodeSelector: { 'kubernetes.io/hostname': 'gpu-2' } } })
    await stage.settle()
    await setPolicy({
      stops: [
        { pool: 'h100', stopPolicy: 'Hold' },
        { node: 'gpu-2', stopPolicy: 'HoldAndDrain' },
      ],
    })
    await stage.submit({ name: 'late', gpus: 4 })
    await stage.pass(60)
    const placesOf = () => Promise.all(['stays', 'moves', 'late'].map((name) => stage.placesOf(name)))
    assert.deepEqual(await placesOf(), [['gpu-1/0+1+2+3'], [], ['other/0+1+2+3']])
    const { metadata } = await stage.job({ namespace: 't', name: 'moves' })
    expect(JSON.parse(metadata.annotations?.[annotations.evicted] ?? '')).toMatchObject({ reason: 'NodeDrained' })
    await setPolicy({})
    await stage.pass(60)
    assert.deepEqual((await placesOf())[1], ['gpu-2/0+1+2+3'])
  })

  test('stops the whole cluster where it names neither node nor pool', async () => {
    stage = await startStage()
    await setPolicy({ stops: [{ stopPolicy: 'HoldAndDrain' }] })
    await stage.submit({ gpus: 1 })
    await stage.pass(60)
    assert.deepEqual(await stage.placesOf('job'), [])
    await stage.cluster.delete('SchedulingPolicy', { name: 'default' })
    await stage.pass(1)
    assert.lengthOf(await stage.placesOf('job'), 1)
  })

  test('says which classes a tenant’s jobs may have', async () => {
    stage = await startStage()
    await setPolicy({ highestClasses: [{ class: 'BATCH' }, { tenantId: 'someone-else', class: 'INFERENCE' }] })
    await stage.submit({ name: 'urgent', gpus: 1, annotations: { [annotations.class]: 'INFERENCE' } })
    await stage.submit({ name: 'batch', gpus: 1, annotations: { [annotations.class]: 'BATCH' } })
    await stage.settle()
    assert.lengthOf(await stage.placesOf('batch'), 1)
    expect(await stage.reasonOf('urgent')).toMatchObject({
      code: 'ClassNotAllowed',
      message: 'Jobs of its tenant may be of class BATCH at most here.',
    })
    await setPolicy({ highestClasses: [{ class: 'BATCH' }, { tenantId: TENANT, class: 'INFERENCE' }] })
    await stage.settle()
    assert.lengthOf(await stage.placesOf('urgent'), 1)
  })

  test('is followed as it is at each decision', async () => {
    await startShortOfPods()
    await setPolicy({
      gangStart: { baseSeconds: 5, podsPerSecond: 3 },
      requeue: { firstBackoffSeconds: 1_000, lastBackoffSeconds: 2_000, avoidNodeSeconds: 1 },
    })
    await stage.submit({ slots: 3, gpus: 1 })
    await stage.pass(5)
    assert.isNull(await requeue())
    await stage.pass(1)
    expect(Date.parse((await requeue()).notBefore) - stage.clock.nowMs()).toBeGreaterThan(500_000)
    await stage.cluster.delete('SchedulingPolicy', { name: 'default' })
    await stage.pass(Math.ceil((Date.parse((await requeue()).notBefore) - stage.clock.nowMs()) / 1_000))
    await stage.pass(59)
    assert.equal((await requeue()).attempt, 1)
    await stage.pass(3)
    assert.equal((await requeue()).attempt, 2)
  })

  test('says in its status that the scheduler follows it, in this very version', async () => {
    stage = await startStage()
    await setPolicy({})
    const first = (await policy()).status?.conditions?.[0]
    assert.deepInclude(first, { type: 'Active', status: 'True', reason: 'Followed', observedGeneration: 1 })
    await stage.pass(60)
    await setPolicy({ gangStart: { baseSeconds: 5, podsPerSecond: 3 } })
    assert.deepInclude((await policy()).status, { observedGeneration: 2 })
    assert.equal((await policy()).status?.conditions?.[0]?.lastTransitionTime, first?.lastTransitionTime)
  })
})
