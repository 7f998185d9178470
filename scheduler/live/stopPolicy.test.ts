import { afterEach, assert, expect, test } from 'vitest'
import { annotations } from '../../kubernetes/names.ts'
import { type Stage, startStage } from '../testkit/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const evictionOf = async (name: string) =>
  JSON.parse((await stage.job({ namespace: 't', name })).metadata.annotations?.[annotations.evicted] ?? 'null')
const used = () => stage.scheduler.snapshot.nodes.get('gpu-1')?.usedThousandths

test('a queue that is held admits nothing, and lets what runs go on', async () => {
  stage = await startStage({ queues: [] })
  await stage.queue('default')
  await stage.submit({ name: 'running', gpus: 1 })
  await stage.settle()
  await stage.queue('default', { stopPolicy: 'Hold' })
  await stage.submit({ name: 'waiting', gpus: 1 })
  await stage.settle()
  assert.deepEqual(await stage.placesOf('running'), ['gpu-1/0'])
  assert.equal((await stage.reasonOf('waiting'))?.code, 'QueueHeld')
  await stage.queue('default', { stopPolicy: 'None' })
  await stage.settle()
  assert.deepEqual(await stage.placesOf('waiting'), ['gpu-1/1'])
})

test('a queue that is drained stops what runs in it and below it, which starts again afterwards', async () => {
  stage = await startStage({ queues: [] })
  await stage.queue('top')
  await stage.queue('below', { parent: 'top' })
  await stage.queue('beside')
  await stage.submit({ name: 'stopped', gpus: 1, slots: 2, queue: 'below' })
  await stage.submit({ name: 'untouched', gpus: 1, queue: 'beside' })
  await stage.settle()
  await stage.queue('top', { stopPolicy: 'HoldAndDrain' })
  await stage.pass(60)
  expect(await evictionOf('stopped')).toMatchObject({ reason: 'QueueDrained' })
  assert.deepEqual(used(), [1000, 0, 0, 0])
  await stage.queue('top', { stopPolicy: 'None' })
  await stage.settle()
  assert.deepEqual(used(), [1000, 1000, 1000, 0])
  assert.isNull(await stage.reasonOf('stopped'))
})
