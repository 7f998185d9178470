import { afterEach, assert, describe, expect, test } from 'vitest'
import { defaultSchedulingPolicy } from '../../kubernetes/crds/schedulingPolicies.ts'
import { annotations } from '../../kubernetes/names.ts'
import { gpuNode } from '../../kubernetes/simulated/testkit.ts'
import { type Fault, type FaultyCluster, faulty, refusedWith } from '../testkit/faults.ts'
import { type JobWish, nodes, type Stage, startStage } from '../testkit/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const submit = (name: string, jobClass: string, wish: JobWish = {}) =>
  stage.submit({ name, gpus: 4, annotations: { [annotations.class]: jobClass }, ...wish })
const isSuspended = async (name: string) => (await stage.job({ namespace: 't', name })).spec?.suspend === true
const nominationOf = async (name: string) =>
  (await stage.job({ namespace: 't', name })).metadata.annotations?.[annotations.nomination]

test('over a thousand plans, victims that are slow to end are followed by no others, nor the nomination by another (R12)', async () => {
  stage = await startStage({ nodes: nodes('gpu-1', 'gpu-2') })
  for (const name of ['b1', 'b2']) await submit(name, 'BATCH', { stopSeconds: 25 })
  await stage.settle()
  await submit('urgent', 'INFERENCE')
  await stage.settle()
  const nomination = await nominationOf('urgent')
  assert.isDefined(nomination)
  for (let cycle = 0; cycle < 1_000; cycle++) {
    await stage.queue('default', { weight: String(1 + (cycle % 2)) })
    stage.clock.advanceTo(stage.clock.nowMs() + 20)
    await stage.settle()
  }
  assert.equal(await nominationOf('urgent'), nomination)
  const stopped = await Promise.all(['b1', 'b2'].map(isSuspended))
  assert.deepEqual(stopped.toSorted(), [false, true])
  await stage.pass(60)
  assert.lengthOf(await stage.placesOf('urgent'), 1)
  assert.isFalse(await isSuspended('urgent'))
})

describe('a queue that promises a minute to its jobs', () => {
  async function startBusy(): Promise<void> {
    stage = await startStage({ queues: [] })
    await stage.queue('default', { minRuntimeSeconds: 60 })
    await submit('batch', 'BATCH')
    await stage.settle()
    await submit('urgent', 'INFERENCE')
  }

  test('keeps it to the second (R13)', async () => {
    await startBusy()
    await stage.pass(59)
    assert.isFalse(await isSuspended('batch'))
    await stage.pass(2)
    assert.isTrue(await isSuspended('batch'))
    assert.lengthOf(await stage.placesOf('urgent'), 1)
  })

  test('has kept it where the clock has jumped, and looks at once (R13)', async () => {
    await startBusy()
    await stage.pass(1)
    stage.clock.advanceTo(stage.clock.nowMs() + 3_600_000)
    await stage.settle()
    assert.isTrue(await isSuspended('batch'))
  })
})

test('the largest gang starts within its aging bound and one run of a small job, however many of those come (R14)', async () => {
  stage = await startStage({ nodes: nodes('gpu-1', 'gpu-2') })
  const { spec } = defaultSchedulingPolicy
  const order = { ...spec.order, agingSeconds: 600 }
  await stage.cluster.apply('SchedulingPolicy', { ...defaultSchedulingPolicy, spec: { ...spec, order } })
  const running = {
    runSeconds: 100,
    annotations: { [annotations.preemptible]: 'false', [annotations.class]: 'INFERENCE' },
  }
  let number = 0
  const flow = async () => {
    for (let i = 0; i < 2; i++) await stage.submit({ name: `small-${number++}`, gpus: 1, ...running })
    await stage.pass(20)
  }
  for (let i = 0; i < 10; i++) await flow()
  await submit('gang', 'BATCH', { slots: 2 })
  let waitedSeconds = 0
  while ((await stage.placesOf('gang')).length === 0) {
    await flow()
    waitedSeconds += 20
    assert.isAtMost(waitedSeconds, 600 + 100 + 40)
  }
})

describe('an API server that does not answer for a minute', () => {
  const outages = { 'is away': refusedWith('UNAVAILABLE'), 'turns all away': refusedWith('TOO_MANY_REQUESTS') }
  for (const [how, refusal] of Object.entries(outages)) {
    test(`since it ${how}, is asked ever less often, and everything goes on afterwards (R22)`, async () => {
      let isDown = false
      let faults: FaultyCluster | undefined
      stage = await startStage({
        schedulerCluster(cluster) {
          faults = faulty(cluster)
          return faults.cluster
        },
      })
      const orDown: Fault = (call) => (isDown ? refusal(call) : call())
      for (const method of ['patch', 'bind', 'get', 'create'] as const) faults?.always(method, orDown)
      isDown = true
      for (let i = 0; i < 10; i++) await stage.submit({ name: `job-${i}`, gpus: 1 })
      const before = faults?.calls.length ?? 0
      for (let second = 0; second < 60; second++) {
        stage.timers.pass(1_000)
        for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve))
      }
      // 4 jobs have room, each tries again after 0.1, 0.2, … 10 s; reasons, templates and queues once in a while.
      assert.isAtMost((faults?.calls.length ?? 0) - before, 250)
      isDown = false
      await stage.settle()
      await stage.pass(30)
      const placed = await Promise.all(Array.from({ length: 10 }, (_, i) => stage.placesOf(`job-${i}`)))
      assert.equal(placed.flat().length, 4)
    })
  }
})

test('a gang that requires a rack starts whole in another one when a node of its own is lost (R19)', async () => {
  const inRack = (name: string, rack: string) => ({ ...gpuNode, name, labels: { 'acme.com/rack': rack } })
  stage = await startStage({ nodes: [inRack('n1', 'a'), inRack('n2', 'a'), inRack('n3', 'b'), inRack('n4', 'b')] })
  const { spec } = defaultSchedulingPolicy
  const levels = [{ name: 'rack', nodeLabel: 'acme.com/rack' }]
  await stage.cluster.apply('SchedulingPolicy', { ...defaultSchedulingPolicy, spec: { ...spec, topology: { levels } } })
  const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }]
  await submit('gang', 'TRAINING', {
    slots: 2,
    podAnnotations: { [annotations.topologyRequired]: 'rack' },
    spec: { podFailurePolicy: { rules } },
  })
  await stage.settle()
  const racks = async () => (await stage.placesOf('gang')).map((place) => place.slice(0, 2))
  assert.deepEqual(await racks(), ['n1', 'n2'])
  await stage.kubelet.failNode('n2')
  await stage.pass(60)
  assert.deepEqual(await racks(), ['n3', 'n4'])
  expect(stage.scheduler.snapshot.nodes.get('n1')?.usedThousandths).toEqual([0, 0, 0, 0])
})
