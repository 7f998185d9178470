import { afterEach, assert, describe, expect, test } from 'vitest'
import { annotations } from '../../kubernetes/names.ts'
import type { QueueQuota } from '../../kubernetes/objects.ts'
import { jobOf, nodes, type Stage, startStage } from '../testkit/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const gpus = (nominalQuota: string, more: Partial<QueueQuota> = {}): QueueQuota[] => [
  { flavor: '*', resource: 'GPU', nominalQuota, borrowingLimit: '0', ...more },
]
const placed = async (...names: string[]) => {
  const counts = names.map(async (name) => (await stage.placesOf(name)).length)
  return Promise.all(counts)
}
const codeOf = async (name: string) => (await stage.reasonOf(name))?.code

describe('a queue that is changed while jobs run and wait in it', () => {
  test('with its quota below what it uses stops nobody, and admits nobody until it is within it again (R16)', async () => {
    stage = await startStage({ queues: [] })
    await stage.queue('q', { quotas: gpus('4') })
    await stage.submit({ name: 'a', gpus: 2, queue: 'q', runSeconds: 100 })
    await stage.submit({ name: 'b', gpus: 2, queue: 'q' })
    await stage.settle()
    await stage.queue('q', { quotas: gpus('3') })
    await stage.submit({ name: 'c', gpus: 1, queue: 'q' })
    await stage.pass(60)
    assert.deepEqual(await placed('a', 'b', 'c'), [1, 1, 0])
    assert.equal(await codeOf('c'), 'WaitingForQuota')
    await stage.pass(60)
    assert.deepEqual(await placed('b', 'c'), [1, 1])
  })

  test('deleted: what runs goes on and holds its GPUs, what waits says so, and starts when the queue is back (R16, R17)', async () => {
    stage = await startStage({ queues: [] })
    await stage.queue('q')
    await stage.submit({ name: 'running', gpus: 3, queue: 'q' })
    await stage.settle()
    await stage.cluster.delete('Queue', { name: 'q' })
    await stage.submit({ name: 'waiting', gpus: 1, queue: 'q' })
    await stage.pass(60)
    assert.deepEqual(await placed('running', 'waiting'), [1, 0])
    assert.equal(await codeOf('waiting'), 'QueueNotFound')
    await stage.queue('q', { quotas: gpus('3') })
    await stage.settle()
    stage.timers.pass(30_000)
    // What ran all along counts against the quota of the queue that is there now.
    assert.equal(await codeOf('waiting'), 'WaitingForQuota')
  })

  test('below another parent takes what it holds with it (R16)', async () => {
    stage = await startStage({ nodes: nodes('gpu-1', 'gpu-2'), queues: [] })
    await stage.queue('left', { quotas: gpus('4') })
    await stage.queue('right', { quotas: gpus('4') })
    await stage.queue('q', { parent: 'left' })
    await stage.submit({ name: 'moves', gpus: 3, queue: 'q' })
    await stage.settle()
    await stage.queue('q', { parent: 'right' })
    await stage.submit({ name: 'of-left', gpus: 4, queue: 'left' })
    await stage.submit({ name: 'of-right', gpus: 2, queue: 'right' })
    await stage.settle()
    assert.deepEqual(await placed('of-left', 'of-right'), [1, 0])
    assert.equal(await codeOf('of-right'), 'WaitingForQuota')
  })

  test('onto itself, by an edit of the object, admits nobody and says why until it is undone (R16)', async () => {
    stage = await startStage({ queues: [] })
    await stage.queue('top')
    await stage.queue('q', { parent: 'top' })
    await stage.queue('top', { parent: 'q' })
    await stage.submit({ name: 'waiting', gpus: 1, queue: 'q' })
    await stage.settle()
    expect(await stage.reasonOf('waiting')).toMatchObject({
      code: 'QueueMisconfigured',
      message: expect.stringContaining('among its own ancestors'),
    })
    await stage.cluster.delete('Queue', { name: 'top' })
    await stage.queue('top')
    await stage.settle()
    assert.deepEqual(await placed('waiting'), [1])
  })

  test('made in any order comes to the same (R16)', async () => {
    for (const order of [
      ['top', 'q', 'job'],
      ['job', 'q', 'top'],
      ['q', 'job', 'top'],
    ]) {
      stage = await startStage({ queues: [] })
      for (const each of order) {
        if (each === 'job') await stage.submit({ name: 'waiting', gpus: 2, queue: 'q' })
        else await stage.queue(each, each === 'q' ? { parent: 'top' } : { quotas: gpus('2') })
        await stage.settle()
      }
      assert.deepEqual(await placed('waiting'), [1])
      if (order[0] !== 'q') await stage.stop()
    }
  })

  test('with a quota for a flavor that no node has bounds nothing, and is no error', async () => {
    stage = await startStage({ queues: [] })
    await stage.queue('q', { quotas: gpus('0', { flavor: 'no-such-pool' }) })
    await stage.submit({ name: 'waiting', gpus: 1, queue: 'q' })
    await stage.settle()
    assert.deepEqual(await placed('waiting'), [1])
  })
})

test('a share that no device can hold is refused with what would do', async () => {
  stage = await startStage()
  const large = jobOf({ name: 'large', share: '0.5' })
  const template = large.spec?.template.metadata?.annotations ?? {}
  template[annotations.gpuMemoryMib] = '999999'
  await stage.cluster.create('Job', large)
  await stage.submit({ name: 'more-than-one', share: '1.5' })
  await stage.settle()
  assert.equal(await codeOf('large'), 'NoMatchingFlavor')
  assert.equal(await codeOf('more-than-one'), 'InvalidRequest')
})
