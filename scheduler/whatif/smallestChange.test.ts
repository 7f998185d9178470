import { assert, expect, test } from 'vitest'
import type { PendingJob } from '../model/job.ts'
import { plan } from '../plan/plan.ts'
import { aJob, aNode, aPod, aQueue, aRunning, aSnapshot, withUsed } from '../testkit/builders.ts'
import { smallestChanges } from './smallestChange.ts'
import { SnapshotWriter } from './snapshotText.ts'
import { World } from './world.ts'

const HOUR_MS = 3_600_000
type Given = Parameters<typeof aSnapshot>[0]

/** What would help the last of the jobs, after it was seen that nothing is changed by asking. */
function changesFor(given: Given & { jobs: readonly PendingJob[] }) {
  const world = new World(aSnapshot(given))
  const job = given.jobs.at(-1) as PendingJob
  const before = new SnapshotWriter().write(world)
  const cause = plan(world, 0).explanations.find(({ jobs }) => jobs.includes(job))?.cause
  if (cause === undefined) throw new Error('it does not wait')
  const changes = smallestChanges(world, job, cause, 0)
  const sorted = (text: string) => JSON.stringify(JSON.parse(text).pending.sort())
  assert.equal(sorted(new SnapshotWriter().write(world)), sorted(before))
  return { code: cause.code, changes }
}

const half = withUsed(aNode('n1'), [1000, 1000, 1000, 1000])

test('of a gang for which there is not room, as many pods as there is room for; or fewer GPUs in each', () => {
  const jobs = [aJob('a', aPod({ gpus: 4 }), { slots: 3 })]
  expect(changesFor({ nodes: [half, withUsed(aNode('n2'), [1000, 1000])], jobs })).toEqual({
    code: 'InsufficientGpus',
    changes: [
      { kind: 'FEWER_GPUS', gpus: 3 },
      { kind: 'FEWER_PODS', pods: 2 },
    ],
  })
})

test('where nothing at all is free, nothing is proposed', () => {
  const nodes = [withUsed(aNode('n1', { gpus: 1 }), [1000])]
  assert.deepEqual(changesFor({ nodes, jobs: [aJob('a', aPod({ gpus: 1 }))] }).changes, [])
})

test('a smaller share', () => {
  const nodes = [withUsed(aNode('n1', { gpus: 2 }), [700, 800])]
  const { changes } = changesFor({ nodes, jobs: [aJob('a', aPod({ share: 500 }))] })
  assert.deepEqual(changes, [{ kind: 'SMALLER_SHARE', thousandths: 300 }])
})

test('another model that is free', () => {
  const nodes = [
    half,
    aNode('n2', { model: 'H100', flavor: 'h100' }),
    aNode('n3', { model: 'L4', flavor: 'l4', gpus: 2 }),
  ]
  const gpu = { count: 8, thousandths: 1000, memoryMiB: 0, models: ['A100'] }
  const { changes } = changesFor({ nodes, jobs: [aJob('a', aPod({ gpu }))] })
  assert.deepEqual(changes, [
    { kind: 'FEWER_GPUS', gpus: 4 },
    { kind: 'OTHER_MODEL', model: 'H100' },
  ])
})

test('less CPU or memory, where these are what is short', () => {
  const nodes = [aNode('n1', { cpuMilli: 4000, memoryMiB: 8000 })]
  const jobs = [aJob('a', aPod({ gpus: 1, cpuMilli: 5000, memoryMiB: 8000 }))]
  const { code, changes } = changesFor({ nodes, jobs })
  assert.equal(code, 'GangLargerThanCluster')
  assert.deepEqual(changes, [{ kind: 'LESS_CPU', cpuMilli: 4000 }])
})

test('as much more quota as is short, after what it can do itself', () => {
  const queues = [aQueue('default', { nominal: 4 })]
  const running = [aRunning('r', 'n1/0+1+2')]
  const jobs = [aJob('a', aPod({ gpus: 1 }), { slots: 3 })]
  expect(changesFor({ nodes: [aNode('n1')], queues, running, jobs })).toEqual({
    code: 'WaitingForQuota',
    changes: [
      { kind: 'FEWER_PODS', pods: 1 },
      { kind: 'MORE_QUOTA', queue: 'default', flavor: '*', resource: 'GPU', by: 2000 },
    ],
  })
})

test('quota is not proposed where there is no room beside it', () => {
  const queues = [aQueue('default', { nominal: 4 })]
  const running = [aRunning('r', 'n1/0+1+2+3')]
  const { changes } = changesFor({
    nodes: [aNode('n1', { gpus: 4 })],
    queues,
    running,
    jobs: [aJob('a', aPod({ gpus: 1 }))],
  })
  assert.deepEqual(changes, [])
})

test("another queue that would take it now, its tenant's own before a shared one, and nobody else's", () => {
  const queues = [
    aQueue('default', { stopPolicy: 'Hold' }),
    aQueue('another', { tenantId: 'globex' }),
    aQueue('shared'),
    aQueue('tenants', { tenantId: 'acme' }),
  ]
  const { changes } = changesFor({ nodes: [aNode('n1')], queues, jobs: [aJob('a', aPod({ gpus: 1 }))] })
  assert.deepEqual(changes, [
    { kind: 'OTHER_QUEUE', queue: 'tenants' },
    { kind: 'OTHER_QUEUE', queue: 'shared' },
  ])
})

test('the longest run that would have ended when those start for whom the places are kept', () => {
  const running = [aRunning('r', 'n1/0+1+2+3', { endsAtMs: HOUR_MS })]
  const jobs = [aJob('first', aPod({ gpus: 8 })), aJob('a', aPod({ gpus: 2 }), { graceMs: 30_000 })]
  const { code, changes } = changesFor({ nodes: [aNode('n1')], running, jobs })
  assert.equal(code, 'ReservedForAnother')
  assert.deepEqual(changes[0], { kind: 'SHORTER_RUN', maxRuntimeMs: HOUR_MS - 90_000 })
})

test('a search that has taken long enough ends with what it has', () => {
  const world = new World(aSnapshot({ nodes: [half], jobs: [aJob('a', aPod({ gpus: 8 }))] }))
  const { cause, jobs } = plan(world, 0).explanations[0] ?? {}
  const isOver = () => true
  assert.deepEqual(smallestChanges(world, jobs?.[0] as PendingJob, cause as never, 0, { isOver }), [])
})
