import { assert, describe, expect, test } from 'vitest'
import { gangOf } from '../model/gang.ts'
import type { PendingJob } from '../model/job.ts'
import { aJob, aNode, aPod, aQueue, aRunning, aSnapshot } from '../testkit/builders.ts'
import { answer } from './answer.ts'
import { AskedWorld } from './asked.ts'
import type { Answer, Question, WorldChanges } from './questions.ts'
import { SnapshotWriter } from './snapshotText.ts'
import { World } from './world.ts'

const HOUR_MS = 3_600_000
const whole = aPod({ gpus: 8 })
const full = aRunning('r', 'n1/0+1+2+3+4+5+6+7', { endsAtMs: HOUR_MS })
const NOTHING: WorldChanges = {
  queues: [],
  addNodes: [],
  cordonNodes: [],
  stops: [],
  agingMs: null,
  shareEnforcements: null,
  jobs: [],
}

function ask<Q extends Question>(given: Parameters<typeof aSnapshot>[0], question: Q): Answer<Q['kind']> {
  const asked = new AskedWorld(new World(aSnapshot(given)))
  const before = new SnapshotWriter().write(asked.world)
  const answered = answer(asked, question, 0, () => false)
  const sorted = (text: string) => JSON.stringify(JSON.parse(text).pending.sort())
  assert.equal(sorted(new SnapshotWriter().write(asked.world)), sorted(before))
  return answered as Answer<Q['kind']>
}
const outlook = (given: Parameters<typeof aSnapshot>[0], uid: string) =>
  ask(given, { kind: 'outlook', uids: [uid], withChanges: true }).outlooks[0]
const preview = (given: Parameters<typeof aSnapshot>[0], job: PendingJob) =>
  ask(given, { kind: 'preview', job }).preview

describe('the outlook of a job that waits', () => {
  test('for which places are kept has the time by which it surely starts, and what is asked and free', () => {
    const jobs = [aJob('a', aPod({ gpus: 4 }), { slots: 2 })]
    expect(outlook({ nodes: [aNode('n1')], running: [{ ...full, held: full.held }], jobs }, 'a')).toMatchObject({
      start: { sureness: 'RESERVED', atMs: HOUR_MS },
      numbers: { resource: 'GPU', asked: 8000, free: 0, biggestHole: 0 },
      tenantId: 'acme',
      changes: [],
    })
  })

  test('behind that one has the time that follows from declared ends', () => {
    const jobs = [aJob('a', whole, { maxRuntimeMs: HOUR_MS - 60_000 }), aJob('b', whole)]
    const found = outlook({ nodes: [aNode('n1')], running: [full], jobs }, 'b')
    assert.deepEqual(found?.start, { sureness: 'EXPECTED', atMs: 2 * HOUR_MS })
  })

  test('behind an end that is not declared has no time', () => {
    const jobs = [aJob('a', whole)]
    const found = outlook({ nodes: [aNode('n1')], running: [{ ...full, endsAtMs: null }], jobs }, 'a')
    assert.deepEqual(found?.start, { sureness: 'NONE', atMs: null })
  })

  test('that the next plan starts is NOW', () => {
    const found = outlook({ nodes: [aNode('n1')], jobs: [aJob('a', whole)] }, 'a')
    assert.deepEqual(found?.start, { sureness: 'NOW', atMs: 0 })
  })

  test('for quota tells what of it is free, and what would help', () => {
    const given = { nodes: [aNode('n1')], queues: [aQueue('default', { nominal: 4 })], used: { default: 3000 } }
    expect(outlook({ ...given, jobs: [aJob('a', aPod({ gpus: 2 }))] }, 'a')).toMatchObject({
      numbers: { resource: 'GPU', asked: 2000, free: 1000, biggestHole: null },
      changes: [
        { kind: 'FEWER_GPUS', gpus: 1 },
        { kind: 'MORE_QUOTA', by: 1000 },
      ],
    })
  })

  test('is nothing where none of that uid waits', () => {
    assert.isUndefined(outlook({ nodes: [aNode('n1')] }, 'a'))
  })
})

describe('a preview', () => {
  test('of what would start now says where', () => {
    expect(preview({ nodes: [aNode('n1')] }, aJob('new', aPod({ gpus: 4 }), { slots: 2 }))).toMatchObject({
      reason: null,
      isPossible: true,
      start: { sureness: 'NOW', atMs: 0 },
      place: { flavor: 'a100', gpuModel: 'A100', nodes: [{ node: 'n1', pods: 2 }] },
      stops: 0,
    })
  })

  test('of what would wait says why, until when, and what would start now', () => {
    const running = [aRunning('r', 'n1/0+1+2+3', { endsAtMs: HOUR_MS })]
    expect(preview({ nodes: [aNode('n1')], running }, aJob('new', whole))).toMatchObject({
      reason: { code: 'WaitingForReservation' },
      isPossible: true,
      start: { sureness: 'RESERVED', atMs: HOUR_MS },
      place: { nodes: [{ node: 'n1', pods: 1 }] },
      changes: [{ kind: 'FEWER_GPUS', gpus: 4 }],
    })
  })

  test('of what can never start says so', () => {
    const found = preview({ nodes: [aNode('n1')] }, aJob('new', whole, { slots: 2 }))
    assert.deepInclude(found, { isPossible: false, place: null })
    assert.equal(found.reason?.code, 'GangLargerThanCluster')
    assert.deepEqual(found.start, { sureness: 'NONE', atMs: null })
  })

  test('of what others would be stopped for says how many, and where it would be', () => {
    const running = [{ ...full, priority: 1, endsAtMs: null }]
    expect(preview({ nodes: [aNode('n1')], running }, aJob('new', aPod({ gpus: 2 })))).toMatchObject({
      stops: 1,
      reason: { code: 'WaitingForPreemptedWorkloads' },
      start: { sureness: 'EXPECTED', atMs: 30_000 },
      place: { nodes: [{ node: 'n1' }] },
    })
  })
})

describe('a simulation', () => {
  const simulation = (given: Parameters<typeof aSnapshot>[0], changes: Partial<WorldChanges>) => {
    const { before, after } = ask(given, {
      kind: 'simulation',
      changes: { ...NOTHING, ...changes },
      horizonMs: HOUR_MS,
    })
    return { before: before.queues[0], after: after.queues[0] }
  }
  const crowded = { nodes: [aNode('n1')], jobs: ['a', 'b'].map((uid) => aJob(uid, whole)) }

  test('of more nodes has more start', () => {
    const { before, after } = simulation(crowded, { addNodes: [{ flavor: 'a100', count: 1 }] })
    assert.deepInclude(before, { waiting: 2, startNow: 1, start: 1, usedGpuThousandths: 8000 })
    assert.deepInclude(after, { waiting: 2, startNow: 2, start: 2, usedGpuThousandths: 16_000, meanWaitMs: 0 })
  })

  test('of a cordoned node has none start there', () => {
    assert.deepInclude(simulation(crowded, { cordonNodes: ['n1'] }).after, { startNow: 0, meanWaitMs: null })
  })

  test('of a policy that demands that shares are enforced has none start where nothing does', () => {
    const share = { nodes: [aNode('n1')], jobs: [aJob('a', aPod({ share: 500 }))] }
    const { before, after } = simulation(share, { shareEnforcements: ['MIG'] })
    assert.deepInclude(before, { startNow: 1 })
    assert.deepInclude(after, { startNow: 0, meanWaitMs: null })
  })

  test('of another quota, or of a queue that is stopped', () => {
    const quotas = [
      { flavor: '*', resource: 'GPU' as const, nominalQuota: 4000, borrowingLimit: null, lendingLimit: null },
    ]
    const less = simulation(crowded, { queues: [{ name: 'default', spec: { quotas } }] })
    assert.deepInclude(less.after, { startNow: 0 })
    const held = simulation(crowded, { queues: [{ name: 'default', spec: { stopPolicy: 'Hold' } }] })
    assert.deepInclude(held.after, { startNow: 0 })
  })

  test('of added jobs counts them before and after', () => {
    const jobs = [aJob('more', whole)]
    const { before, after } = simulation({ nodes: [aNode('n1')] }, { jobs, addNodes: [{ flavor: 'a100', count: 2 }] })
    assert.deepEqual([before?.waiting, after?.waiting], [1, 1])
  })

  test('tells who is stopped', () => {
    const queues = [
      aQueue('a-root'),
      aQueue('rich', { parent: 'a-root' }),
      aQueue('lender', { parent: 'a-root', nominal: 8 }),
    ]
    const running = [{ ...full, queue: 'rich', endsAtMs: null }]
    const given = { nodes: [aNode('n1')], queues, running, jobs: [aJob('a', whole, { queue: 'lender' })] }
    const { before } = ask(given, { kind: 'simulation', changes: NOTHING, horizonMs: HOUR_MS })
    const of = (name: string) => before.queues.find(({ queue }) => queue === name)
    assert.deepInclude(of('rich'), { stopped: 1 })
    assert.deepInclude(of('lender'), { stopped: 0, meanWaitMs: 30_000, longestWaitMs: 30_000 })
  })
})

test('what could move is told with where it is, where it would be, and what that would free', () => {
  const gang = gangOf(1, aPod({ gpus: 4 }))
  const running = [
    aRunning('a', 'n1/0+1+2+3', { gang, admittedAtMs: -10_000 }),
    aRunning('b', 'n2/0+1+2+3', { gang, admittedAtMs: -20_000 }),
  ]
  const given = { nodes: [aNode('n1'), aNode('n2')], running, jobs: [aJob('c', whole, { jobId: 'job_c' })] }
  for (const goal of [{ wholeNodes: 1 }, { jobId: 'job_c' }]) {
    const { plan: found } = ask(given, { kind: 'defragmentation', goal })
    expect(found).toMatchObject({ freesGpus: 8, pods: 1, lostGpuSeconds: 40 })
    expect(found.moves).toEqual([
      {
        uid: 'a',
        queue: 'default',
        from: [{ node: 'n1', pods: 1 }],
        to: [{ node: 'n2', pods: 1 }],
        lostGpuSeconds: 40,
      },
    ])
  }
  assert.deepEqual(ask(given, { kind: 'defragmentation', goal: { jobId: 'job_x' } }).plan.moves, [])
})
