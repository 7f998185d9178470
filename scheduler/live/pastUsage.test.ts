import { afterEach, assert, test } from 'vitest'
import { type Stage, startStage } from '../testkit/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const HALF_LIFE = { usageHalfLifeSeconds: 3_600 }
const pastOf = (name: string) => stage.scheduler.snapshot.queues.get(name)?.past.get('h100')?.GPU ?? 0

/** Two queues of one tree; the first has had all four GPUs for an hour, and then nothing. */
async function afterAnHourOfUse(spec: { usageHalfLifeSeconds?: number }) {
  stage = await startStage({ queues: [] })
  await stage.queue('company', spec)
  await stage.queue('busy', { parent: 'company' })
  await stage.queue('calm', { parent: 'company' })
  await stage.submit({ name: 'long', gpus: 4, queue: 'busy', runSeconds: 3_600 })
  await stage.pass(4_000)
  stage.timers.pass(1_000)
  await stage.settle()
}

/** One job of each queue for the whole node, that of the busy queue first: whose turn is it? */
async function whoGoesFirst() {
  await stage.queue('company', { stopPolicy: 'Hold', ...HALF_LIFE })
  await stage.submit({ name: 'of-busy', gpus: 4, queue: 'busy' })
  await stage.pass(1)
  await stage.submit({ name: 'of-calm', gpus: 4, queue: 'calm' })
  await stage.settle()
  await stage.queue('company', HALF_LIFE)
  await stage.settle()
  return (await stage.placesOf('of-calm')).length > 0 ? 'of-calm' : 'of-busy'
}

test('of two queues that hold nothing, the one that has had less of late goes first (R20)', async () => {
  await afterAnHourOfUse(HALF_LIFE)
  assert.equal(await whoGoesFirst(), 'of-calm')
})

test('where the tree has no half-life, only what is held counts', async () => {
  await afterAnHourOfUse({})
  assert.equal(pastOf('busy'), 0)
  assert.equal(await whoGoesFirst(), 'of-busy')
})

test('the next scheduler goes on from what stands in the status, and comes to the same (R20)', async () => {
  await afterAnHourOfUse(HALF_LIFE)
  const { status } = await stage.cluster.get('Queue', { name: 'busy' })
  // One half-life of four GPUs, as it was when they became free.
  assert.closeTo(Number(status?.pastUsage?.flavors[0]?.gpus), 2, 0.01)
  await stage.pass(1_000)
  await stage.restartScheduler()
  await stage.settle()
  const { at = '' } = status?.pastUsage ?? {}
  const ageSeconds = (stage.clock.nowMs() - Date.parse(at)) / 1000
  assert.isAbove(ageSeconds, 1_000)
  assert.closeTo(pastOf('busy'), 2_000 * 2 ** (-ageSeconds / 3_600), 1e-6)
})
