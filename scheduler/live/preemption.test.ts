import { afterEach, assert, describe, expect, test } from 'vitest'
import { annotations } from '../../kubernetes/names.ts'
import { type FaultyCluster, lostReply, silence } from '../testkit/faults.ts'
import { faultyStage, type JobWish, nodes, type Stage, type startStage } from '../testkit/stage.ts'

let stage: Stage
let faults: FaultyCluster
afterEach(() => stage.stop())

async function start(options: Parameters<typeof startStage>[0] = {}): Promise<void> {
  ;({ stage, faults } = await faultyStage(options))
}
const submit = (name: string, jobClass: string, wish: JobWish = {}) =>
  stage.submit({ name, gpus: 4, annotations: { [annotations.class]: jobClass }, ...wish })
const told = async (name: string, annotation: string) =>
  JSON.parse((await stage.job({ namespace: 't', name })).metadata.annotations?.[annotation] ?? 'null')
const isSuspended = async (name: string) => (await stage.job({ namespace: 't', name })).spec?.suspend === true

describe('a job of higher priority', () => {
  test('has one of lower priority stopped, starts in its place, and leaves it when it has ended', async () => {
    await start()
    await submit('batch', 'BATCH', { runSeconds: 100 })
    await stage.settle()
    await submit('urgent', 'INFERENCE', { runSeconds: 50 })
    await stage.settle()
    expect(await told('batch', annotations.evicted)).toMatchObject({ reason: 'Preempted' })
    await stage.pass(40)
    assert.deepEqual(await stage.placesOf('urgent'), ['gpu-1/0+1+2+3'])
    assert.isTrue(await isSuspended('batch'))
    assert.isNull(await told('urgent', annotations.nomination))
    assert.equal((await stage.reasonOf('batch'))?.code, 'InsufficientGpus')
    await stage.pass(60)
    assert.deepEqual(await stage.placesOf('batch'), ['gpu-1/0+1+2+3'])
  })

  test('stops nobody whose disruption budget does not allow it, until it does', async () => {
    await start()
    await submit('batch', 'BATCH')
    await stage.settle()
    const selector = { matchLabels: { 'batch.kubernetes.io/job-name': 'batch' } }
    const budget = { metadata: { namespace: 't', name: 'keep' }, spec: { selector, minAvailable: 1 } }
    await stage.cluster.create('PodDisruptionBudget', {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      ...budget,
    })
    await submit('urgent', 'INFERENCE')
    await stage.pass(60)
    assert.isFalse(await isSuspended('batch'))
    const status = { disruptionsAllowed: 1, currentHealthy: 1, desiredHealthy: 0, expectedPods: 1 }
    const patch = [{ op: 'add', path: '/status', value: status }] as const
    await stage.cluster.patch('PodDisruptionBudget', budget.metadata, patch, { subresource: 'status' })
    await stage.pass(60)
    assert.deepEqual(await stage.placesOf('urgent'), ['gpu-1/0+1+2+3'])
  })

  test('stops nobody twice, however often it is asked: no waves, and nobody stopped in return (R12)', async () => {
    await start({ nodes: nodes('gpu-1', 'gpu-2') })
    for (const name of ['b1', 'b2', 'b3']) await submit(name, 'BATCH')
    await stage.settle()
    for (const name of ['u1', 'u2', 'u3']) await submit(name, 'TRAINING')
    await stage.pass(600)
    const running = await Promise.all(['u1', 'u2', 'u3', 'b1', 'b2', 'b3'].map((name) => stage.placesOf(name)))
    assert.equal(running.slice(0, 3).filter((places) => places.length > 0).length, 2)
    assert.deepEqual(running.slice(3), [[], [], []])
    const stopped = await Promise.all(['u1', 'u2', 'u3'].map((name) => told(name, annotations.evicted)))
    assert.deepEqual(stopped, [null, null, null])
  })
})

describe('a scheduler that ends amid it', () => {
  test('after it said for whom, and before it stopped anybody, is followed by one that goes on (R03)', async () => {
    await start()
    await submit('batch', 'BATCH')
    await stage.settle()
    // The nomination is written; what suspends the other is not.
    faults.always('patch', async (call) => ((await told('urgent', annotations.nomination)) ? silence(call) : call()))
    await submit('urgent', 'INFERENCE')
    for (let turns = 0; turns < 100; turns++) await new Promise((resolve) => setImmediate(resolve))
    expect(await told('urgent', annotations.nomination)).toMatchObject({ victims: [expect.any(String)] })
    assert.isFalse(await isSuspended('batch'))
    await stage.restartScheduler()
    await stage.pass(60)
    assert.deepEqual(await stage.placesOf('urgent'), ['gpu-1/0+1+2+3'])
  })

  test('after it stopped somebody, is followed by one that gives the place to whom it was for (R03)', async () => {
    await start()
    await submit('batch', 'BATCH', { pod: { terminationGracePeriodSeconds: 30 } })
    await stage.settle()
    await submit('urgent', 'INFERENCE')
    await stage.settle()
    assert.isTrue(await isSuspended('batch'))
    await stage.restartScheduler()
    await submit('later', 'INFERENCE')
    await stage.pass(60)
    assert.deepEqual(await stage.placesOf('urgent'), ['gpu-1/0+1+2+3'])
    assert.deepEqual(await stage.placesOf('later'), [])
  })

  test('while those who were stopped take their time to end, is followed by one that stops nobody else (R03, R12)', async () => {
    await start({ nodes: nodes('gpu-1', 'gpu-2') })
    for (const name of ['b1', 'b2']) await submit(name, 'BATCH', { stopSeconds: 20 })
    await stage.settle()
    await submit('urgent', 'INFERENCE')
    await stage.pass(5)
    await stage.restartScheduler()
    await stage.pass(5)
    const stopped = await Promise.all(['b1', 'b2'].map(isSuspended))
    assert.equal(stopped.filter(Boolean).length, 1)
    await stage.pass(30)
    assert.lengthOf(await stage.placesOf('urgent'), 1)
  })

  test('a lost answer stops nobody twice', async () => {
    await start()
    await submit('batch', 'BATCH')
    await stage.settle()
    faults.next('patch', lostReply, 'Job')
    await submit('urgent', 'INFERENCE')
    await stage.pass(60)
    assert.deepEqual(await stage.placesOf('urgent'), ['gpu-1/0+1+2+3'])
    expect(await told('batch', annotations.evicted)).toMatchObject({ reason: 'Preempted' })
  })
})

test('a lender gets its own back from whoever borrows it (R17)', async () => {
  await start({ queues: [] })
  const gpus = (nominalQuota: string) => [{ flavor: '*', resource: 'GPU' as const, nominalQuota }]
  await stage.queue('top', { quotas: gpus('4') })
  await stage.queue('lender', { parent: 'top', quotas: gpus('2') })
  await stage.queue('borrower', { parent: 'top', quotas: gpus('2') })
  await submit('b1', 'INFERENCE', { queue: 'borrower', gpus: 2 })
  await submit('b2', 'INFERENCE', { queue: 'borrower', gpus: 2 })
  await stage.settle()
  await submit('own', 'BATCH', { queue: 'lender', gpus: 2 })
  await stage.pass(60)
  assert.lengthOf(await stage.placesOf('own'), 1)
  const left = await Promise.all(['b1', 'b2'].map((name) => stage.placesOf(name)))
  assert.equal(left.filter((places) => places.length > 0).length, 1)
  await stage.pass(600)
  assert.lengthOf(await stage.placesOf('own'), 1)
})
