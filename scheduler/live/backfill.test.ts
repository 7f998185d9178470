import { afterEach, assert, expect, test } from 'vitest'
import { nodes, type Stage, startStage } from '../testkit/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const lasting = (seconds: number) => ({ spec: { activeDeadlineSeconds: seconds }, runSeconds: seconds })

test('a job that finds no room beside those admitted with it is told at once when it starts', async () => {
  stage = await startStage()
  await stage.submit({ name: 'first', gpus: 4, ...lasting(600) })
  await stage.submit({ name: 'second', gpus: 4 })
  await stage.settle()
  assert.equal((await stage.reasonOf('second'))?.code, 'WaitingForReservation')
})

test('a gang starts when it was told it would, and short jobs run on its places until then', async () => {
  stage = await startStage({ nodes: nodes('gpu-1', 'gpu-2') })
  await stage.submit({ name: 'first', gpus: 4, ...lasting(600) })
  await stage.settle()
  await stage.submit({ name: 'gang', gpus: 4, slots: 2 })
  await stage.settle()
  // 30 s of grace and a minute for start-up.
  expect(await stage.reasonOf('gang')).toMatchObject({
    code: 'WaitingForReservation',
    message: expect.stringContaining('2026-01-01T00:11:30.000Z'),
  })
  await stage.submit({ name: 'short', gpus: 4, ...lasting(300) })
  await stage.submit({ name: 'long', gpus: 4 })
  await stage.settle()
  assert.lengthOf(await stage.placesOf('short'), 1)
  assert.deepEqual(await stage.placesOf('long'), [])
  await stage.pass(310)
  assert.equal((await stage.reasonOf('long'))?.code, 'ReservedForAnother')
  await stage.pass(310)
  assert.lengthOf(await stage.placesOf('gang'), 2)
})

test('the next scheduler keeps the same places, also for one that would not be the first any more', async () => {
  stage = await startStage({ nodes: nodes('gpu-1', 'gpu-2'), queues: ['busy', 'calm'] })
  await stage.submit({ name: 'first', gpus: 4, queue: 'busy', ...lasting(600) })
  await stage.settle()
  await stage.submit({ name: 'gang', gpus: 4, slots: 2, queue: 'busy' })
  await stage.settle()
  assert.equal((await stage.reasonOf('gang'))?.code, 'WaitingForReservation')
  // Its queue holds nothing: without what was promised it would be first.
  await stage.submit({ name: 'other-gang', gpus: 4, slots: 2, queue: 'calm' })
  await stage.settle()
  await stage.restartScheduler()
  await stage.pass(40)
  assert.equal((await stage.reasonOf('gang'))?.code, 'WaitingForReservation')
  await stage.pass(700)
  assert.lengthOf(await stage.placesOf('gang'), 2)
})
