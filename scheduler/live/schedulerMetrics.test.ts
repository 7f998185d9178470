import { afterEach, assert, beforeEach, describe, test } from 'vitest'
import { annotations } from '../../kubernetes/names.ts'
import { gpuNode } from '../../kubernetes/simulated/testkit.ts'
import { type Exposition, startExposition } from '../../platform/telemetry/exposition.ts'
import { type Series, seriesIn } from '../../test/testkit/exposition.ts'
import { nodes, type Stage, startStage } from '../testkit/stage.ts'

let stage: Stage
let exposition: Exposition
beforeEach(async () => {
  exposition = await startExposition()
})
afterEach(async () => {
  await stage.stop()
  await exposition.stop()
})

/** Values by the labels asked for, joined. */
async function told(name: string, ...by: string[]): Promise<Record<string, number>> {
  const series = seriesIn(await exposition.text()).filter((each) => each.name === name)
  const key = ({ labels }: Series) => by.map((label) => labels[label]).join(' ')
  return Object.fromEntries(series.map((each) => [key(each), each.value]))
}

const quota = (nominalQuota: string) => ({
  quotas: [{ flavor: '*', resource: 'GPU' as const, nominalQuota }],
})

describe('of a job that runs', () => {
  beforeEach(async () => {
    stage = await startStage()
    await stage.queue('team', quota('4'))
    await stage.submit({ queue: 'team', slots: 2, gpus: 1 })
    await stage.settle()
  })

  test('its admission, its bindings and its wait are counted', async () => {
    assert.deepEqual(await told('sluice_admission_attempts_total', 'result'), { admitted: 1 })
    assert.deepEqual(await told('sluice_binds_total', 'result'), { bound: 2 })
    assert.deepEqual(await told('sluice_admission_wait_time_seconds_count', 'queue'), { team: 1 })
    assert.isAtLeast((await told('sluice_scheduler_cycles_total', 'outcome')).admitted ?? 0, 1)
  })

  test('its GPUs are in use in its queue and allocated in the cluster', async () => {
    assert.deepEqual(await told('sluice_queue_used_gpus', 'queue', 'gpu_model'), { 'team NVIDIA-H100': 2 })
    assert.deepEqual(await told('sluice_cluster_gpus', 'state'), { allocated: 2, free: 2, unavailable: 0 })
    assert.deepEqual(await told('sluice_cluster_largest_free_block_gpus', 'gpu_model'), { 'NVIDIA-H100': 2 })
    assert.deepEqual(await told('sluice_admitted_workloads', 'queue'), { default: 0, team: 1 })
  })

  test('a scheduler that has stopped says nothing of it any more', async () => {
    stage.scheduler.stop()
    assert.deepEqual(await told('sluice_queue_used_gpus', 'queue'), {})
  })
})

describe('of jobs that wait', () => {
  test('those that lack room or quota are active, those that never fit are inadmissible', async () => {
    stage = await startStage()
    await stage.queue('team', quota('1'))
    await stage.submit({ name: 'runs', queue: 'team', gpus: 1 })
    await stage.settle()
    await stage.submit({ name: 'waits', queue: 'team', gpus: 1 })
    await stage.submit({ name: 'huge', slots: 9, gpus: 4 })
    await stage.settle()
    assert.deepEqual(await told('sluice_pending_workloads', 'queue', 'status'), {
      'default active': 0,
      'default inadmissible': 1,
      'team active': 1,
    })
    assert.deepEqual(await told('sluice_pending_gpus', 'queue', 'gpu_model', 'status'), {
      'default any inadmissible': 36,
      'team any active': 1,
    })
    assert.deepEqual(await told('sluice_unschedulable_workloads', 'reason'), {
      GangLargerThanCluster: 1,
      WaitingForQuota: 1,
    })
  })

  test('the models that they insist on are told, in one order', async () => {
    stage = await startStage({ nodes: [{ ...gpuNode, gpuCount: 1 }] })
    const models = { metadata: { annotations: { [annotations.gpuModels]: 'NVIDIA-H100,A100' } } }
    await stage.submit({ name: 'runs', gpus: 1 })
    await stage.settle()
    const { spec } = await stage.submit({ name: 'template', gpus: 1 })
    assert(spec)
    await stage.submit({ name: 'picky', gpus: 1, spec: { template: { ...spec.template, ...models } } })
    await stage.settle()
    const pending = await told('sluice_pending_gpus', 'gpu_model')
    assert.deepEqual(pending, { any: 1, 'A100+NVIDIA-H100': 1 })
  })
})

test('what a queue holds above its own quota is borrowed; its parent lends within its own', async () => {
  stage = await startStage({ nodes: nodes('gpu-1', 'gpu-2') })
  await stage.queue('root', quota('8'))
  await stage.queue('lender', { parent: 'root', ...quota('4') })
  await stage.queue('borrower', { parent: 'root', ...quota('2') })
  await stage.submit({ queue: 'borrower', slots: 3, gpus: 1 })
  await stage.settle()
  assert.deepEqual(await told('sluice_queue_borrowed_gpus', 'queue'), { root: 0, lender: 0, borrower: 1 })
  assert.deepEqual(await told('sluice_queue_nominal_gpus', 'queue', 'flavor'), {
    'root *': 8,
    'lender *': 4,
    'borrower *': 2,
  })
})

test('a node that takes no pods has its GPUs unavailable', async () => {
  stage = await startStage({ nodes: nodes('gpu-1', 'gpu-2') })
  await stage.kubelet.failNode('gpu-2')
  await stage.settle()
  assert.deepEqual(await told('sluice_cluster_gpus', 'state'), { allocated: 0, free: 4, unavailable: 4 })
  assert.deepEqual(await told('sluice_cluster_nodes', 'state'), { schedulable: 1, unschedulable: 1 })
})

test('an admission that is taken back is counted with its reason', async () => {
  stage = await startStage()
  await stage.cluster.apply('ResourceQuota', {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { namespace: 't', name: 'none' },
    spec: { hard: { pods: '0' } },
  })
  await stage.submit({ gpus: 1 })
  await stage.pass(120)
  assert.isAtLeast((await told('sluice_evicted_workloads_total', 'reason')).PodsNotCreated ?? 0, 1)
})
