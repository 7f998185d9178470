import { assert, describe, test } from 'vitest'
import { admitted, aJob, aNode, aPod, aQueue, aSnapshot, carryOut, waiting, withUsed } from '../testkit/builders.ts'
import { describeCause } from './describe.ts'
import { Memo } from './memo.ts'
import { plan } from './plan.ts'

describe('order', () => {
  test('is priority, then time, then uid', () => {
    const jobs = [
      aJob('late', aPod({ gpus: 1 }), { createdMs: 2000 }),
      aJob('b', aPod({ gpus: 1 }), { createdMs: 1000 }),
      aJob('a', aPod({ gpus: 1 }), { createdMs: 1000 }),
      aJob('urgent', aPod({ gpus: 1 }), { createdMs: 3000, priority: 400 }),
    ]
    const decided = plan(aSnapshot({ nodes: [aNode('n1')], jobs }), 0)
    assert.deepEqual(
      decided.admissions.map(({ job }) => job.uid),
      ['urgent', 'a', 'b', 'late'],
    )
  })

  test('a job that does not fit lets those behind it go first, and says why it waits (R15)', () => {
    const jobs = [
      aJob('big', aPod({ gpus: 8 }), { priority: 400 }),
      aJob('small', aPod({ gpus: 2 })),
      aJob('also-big', aPod({ gpus: 8 })),
    ]
    const decided = plan(aSnapshot({ nodes: [withUsed(aNode('n1'), [1000])], jobs }), 0)
    assert.deepEqual(admitted(decided), ['small → n1/1+2'])
    assert.deepEqual(waiting(decided), { big: 'InsufficientGpus', 'also-big': 'InsufficientGpus' })
  })

  test('does not depend on the order in which jobs and nodes became known', () => {
    const nodes = [aNode('n1', { gpus: 2 }), aNode('n2', { gpus: 4 }), aNode('n3', { gpus: 4 })]
    const jobs = [aJob('a', aPod({ gpus: 2 })), aJob('b', aPod({ gpus: 4 })), aJob('c', aPod({ share: 500 }))]
    const forwards = plan(aSnapshot({ nodes, jobs }), 0)
    const backwards = plan(aSnapshot({ nodes: nodes.toReversed(), jobs: jobs.toReversed() }), 0)
    assert.deepEqual(admitted(backwards), admitted(forwards))
  })
})

describe('gangs', () => {
  test('get all their slots or none', () => {
    const nodes = [aNode('n1', { gpus: 4 }), aNode('n2', { gpus: 4 })]
    const jobs = [aJob('three', aPod({ gpus: 4 }), { slots: 3 }), aJob('two', aPod({ gpus: 4 }), { slots: 2 })]
    const decided = plan(aSnapshot({ nodes, jobs }), 0)
    assert.deepEqual(admitted(decided), ['two → n1/0+1+2+3 n2/0+1+2+3'])
    assert.deepEqual(waiting(decided), { three: 'GangLargerThanCluster' })
  })

  test('stay within one flavor', () => {
    const nodes = [
      aNode('a1', { gpus: 4 }),
      aNode('h1', { gpus: 4, flavor: 'h100' }),
      aNode('h2', { gpus: 4, flavor: 'h100' }),
    ]
    const decided = plan(aSnapshot({ nodes, jobs: [aJob('two', aPod({ gpus: 4 }), { slots: 2 })] }), 0)
    assert.deepEqual(admitted(decided), ['two → h1/0+1+2+3 h2/0+1+2+3'])
    assert.equal(decided.admissions[0]?.assignment.flavor, 'h100')
  })

  test('too large to write down wait with that reason', () => {
    const nodes = Array.from({ length: 4000 }, (_, i) => aNode(`a-node-with-quite-a-long-name-${i}`, { gpus: 1 }))
    const jobs = [aJob('huge', aPod({ gpus: 1 }), { slots: 4000 }), aJob('small', aPod({ gpus: 1 }))]
    const decided = plan(aSnapshot({ nodes, jobs }), 0)
    assert.deepEqual(waiting(decided), { huge: 'AssignmentTooLarge' })
    assert.deepEqual(admitted(decided), ['small → a-node-with-quite-a-long-name-0/0'])
  })
})

describe('placement', () => {
  test('puts a share on the fullest device that still has it', () => {
    const node = withUsed(aNode('n1', { gpus: 4 }), [700, 500, 0, 600])
    const decided = plan(aSnapshot({ nodes: [node], jobs: [aJob('half', aPod({ share: 400 }))] }), 0)
    assert.deepEqual(admitted(decided), ['half → n1/3'])
  })

  test('breaks a whole device only where no broken one has room, on the node with fewest whole ones', () => {
    const nodes = [withUsed(aNode('n1', { gpus: 4 }), [800]), withUsed(aNode('n2', { gpus: 2 }), [700])]
    const decided = plan(aSnapshot({ nodes, jobs: [aJob('half', aPod({ share: 500 }))] }), 0)
    assert.deepEqual(admitted(decided), ['half → n2/1'])
  })

  test('packs whole devices where they leave the smallest hole', () => {
    const nodes = [
      aNode('n1'),
      withUsed(aNode('n2'), [1000, 1000, 1000, 1000, 1000]),
      withUsed(aNode('n3'), [0, 0, 1000]),
    ]
    const decided = plan(aSnapshot({ nodes, jobs: [aJob('two', aPod({ gpus: 2 }))] }), 0)
    assert.deepEqual(admitted(decided), ['two → n2/5+6'])
  })

  test('never gives a device that is shared already to a pod that asks a whole one (R18)', () => {
    const nodes = [withUsed(aNode('n1', { gpus: 1 }), [1])]
    const decided = plan(aSnapshot({ nodes, jobs: [aJob('whole', aPod({ gpus: 1 }))] }), 0)
    assert.deepEqual(waiting(decided), { whole: 'InsufficientGpus' })
  })

  test('counts the memory of a device as well as its share', () => {
    const gpu = { count: 1, thousandths: 100, memoryMiB: 60_000, models: [] }
    const jobs = [aJob('first', aPod({ gpu })), aJob('second', aPod({ gpu }))]
    const decided = plan(aSnapshot({ nodes: [aNode('n1', { gpus: 1 })], jobs }), 0)
    assert.deepEqual(admitted(decided), ['first → n1/0'])
    assert.deepEqual(waiting(decided), { second: 'InsufficientCapacity' })
  })

  test('leaves unhealthy devices alone', () => {
    const node = aNode('n1', { gpus: 2 })
    const devices = node.spec.devices.map((device) => ({ ...device, healthy: device.index !== 0 }))
    const decided = plan(
      aSnapshot({
        nodes: [aNode('n1', { devices })],
        jobs: [aJob('one', aPod({ gpus: 1 })), aJob('two', aPod({ gpus: 1 }))],
      }),
      0,
    )
    assert.deepEqual(admitted(decided), ['one → n1/1'])
  })

  test('leaves nodes alone that take no pods', () => {
    const decided = plan(
      aSnapshot({ nodes: [aNode('n1', { accepting: false })], jobs: [aJob('one', aPod({ gpus: 1 }))] }),
      0,
    )
    assert.deepEqual(waiting(decided), { one: 'InsufficientGpus' })
  })

  test('uses device indexes as the node counts them', () => {
    const devices = [3, 5].map((index) => ({
      index,
      uuid: `GPU-${index}`,
      model: 'A100',
      memoryMiB: 81920,
      healthy: true,
    }))
    const decided = plan(aSnapshot({ nodes: [aNode('n1', { devices })], jobs: [aJob('two', aPod({ gpus: 2 }))] }), 0)
    assert.deepEqual(admitted(decided), ['two → n1/3+5'])
  })

  test('keeps pods without GPUs off GPU nodes while there is another', () => {
    const nodes = [aNode('a1'), aNode('c1', { gpus: 0, flavor: 'cpu', cpuMilli: 1500 })]
    const jobs = [aJob('first', aPod()), aJob('second', aPod())]
    assert.deepEqual(admitted(plan(aSnapshot({ nodes, jobs }), 0)), ['first → c1/', 'second → a1/'])
  })

  test('asks for the model, the labels and the tolerations', () => {
    const taint = { key: 'sluice.dev/gpu', value: '', effect: 'NoSchedule' }
    const nodes = [
      aNode('a1', { model: 'A100' }),
      aNode('h1', { model: 'H100', flavor: 'h100', taints: [taint] }),
      aNode('h2', { model: 'H100', flavor: 'h100', taints: [taint], labels: { zone: 'b' } }),
    ]
    const gpu = { count: 1, thousandths: 1000, memoryMiB: 0, models: ['H100'] }
    const tolerations = [{ key: 'sluice.dev/gpu', operator: 'Exists' as const, value: '', effect: '' }]
    const jobs = [
      aJob('tolerant', aPod({ gpu, tolerations, nodeSelector: { zone: 'b' } })),
      aJob('intolerant', aPod({ gpu })),
      aJob('elsewhere', aPod({ gpu, tolerations, nodeSelector: { zone: 'c' } })),
      aJob('unknown-model', aPod({ gpu: { ...gpu, models: ['T4'] }, tolerations })),
    ]
    const decided = plan(aSnapshot({ nodes, jobs }), 0)
    assert.deepEqual(admitted(decided), ['tolerant → h2/0'])
    assert.deepEqual(waiting(decided), {
      intolerant: 'NoMatchingFlavor',
      elsewhere: 'NoMatchingFlavor',
      'unknown-model': 'NoMatchingFlavor',
    })
  })
})

describe('a job that waits is told why', () => {
  const reasonOf = (snapshot: Parameters<typeof plan>[0], nowMs = 0) => {
    const [explanation] = plan(snapshot, nowMs).explanations
    assert.ok(explanation)
    return describeCause(explanation.cause)
  }

  test('that its pods lack the toleration nodes with GPUs ask for', () => {
    const nodes = [aNode('a1', { taints: [{ key: 'sluice.dev/gpu', value: '', effect: 'NoSchedule' }] })]
    const gpu = { count: 1, thousandths: 1000, memoryMiB: 0, models: [] }
    const reason = reasonOf(aSnapshot({ nodes, jobs: [aJob('a', aPod({ gpu }))] }))
    assert.equal(reason.code, 'NoMatchingFlavor')
    assert.match(reason.fix, /toleration \{ key: sluice.dev\/gpu/)
  })

  test('that its queue does not exist', () => {
    const reason = reasonOf(aSnapshot({ queues: [], jobs: [aJob('a', aPod())] }))
    assert.deepEqual(
      [reason.code, reason.message],
      ['QueueNotFound', 'It names no queue, and there is no queue "default".'],
    )
  })

  test('that its queue is another tenant’s, in the words for a queue that does not exist', () => {
    const queues = [aQueue('theirs', { tenantId: 'globex' })]
    const reason = reasonOf(aSnapshot({ queues, jobs: [aJob('a', aPod(), { queue: 'theirs' })] }))
    assert.deepEqual(
      [reason.code, reason.message],
      ['QueueNotFound', 'There is no queue "theirs" that this tenant may use.'],
    )
  })

  test('that its queue hangs on a parent that is missing, or on itself', () => {
    const queues = [aQueue('orphan', { parent: 'gone' }), aQueue('a', { parent: 'b' }), aQueue('b', { parent: 'a' })]
    const jobs = [aJob('orphaned', aPod(), { queue: 'orphan' }), aJob('circular', aPod(), { queue: 'a' })]
    const codes = waiting(plan(aSnapshot({ nodes: [aNode('n1')], queues, jobs }), 0))
    assert.deepEqual(codes, { orphaned: 'QueueMisconfigured', circular: 'QueueMisconfigured' })
  })

  test('how long it waits after its pods did not come up', () => {
    const jobs = [aJob('a', aPod(), { notBeforeMs: Date.parse('2026-01-01T00:01:00Z') })]
    const snapshot = aSnapshot({ nodes: [aNode('n1')], jobs })
    assert.equal(
      reasonOf(snapshot, Date.parse('2026-01-01T00:00:59Z')).message,
      'Its pods did not all come up; it is tried again at 2026-01-01T00:01:00.000Z.',
    )
    assert.deepEqual(admitted(plan(snapshot, Date.parse('2026-01-01T00:01:00Z'))), ['a → n1/'])
  })

  test('what quota it lacks', () => {
    const queues = [aQueue('default', { nominal: 8 })]
    const snapshot = aSnapshot({
      nodes: [aNode('n1'), aNode('n2')],
      queues,
      used: { default: 5000 },
      jobs: [aJob('a', aPod({ gpus: 4 }))],
    })
    assert.deepEqual(reasonOf(snapshot), {
      code: 'WaitingForQuota',
      message: 'It needs 4 GPUs; queue default may take 3 GPUs more now.',
      fix: 'It starts when jobs under the same quota end; 1 GPUs more of quota would admit it now.',
    })
  })

  test('that its queue can never have so much', () => {
    const queues = [aQueue('default', { nominal: 2, flavor: 'a100' })]
    const snapshot = aSnapshot({ nodes: [aNode('n1')], queues, jobs: [aJob('a', aPod({ gpus: 4 }))] })
    assert.deepEqual(reasonOf(snapshot), {
      code: 'ExceedsMaxQuota',
      message: 'It needs 4 GPUs of a100; queue default can never have more than 2 GPUs of a100.',
      fix: "Ask for at most 2 GPUs of a100, or have the queue's nominalQuota or borrowingLimit raised.",
    })
  })

  test('what is free, and the largest pod that would find room', () => {
    const nodes = [withUsed(aNode('n1', { gpus: 4 }), [1000]), withUsed(aNode('n2', { gpus: 4 }), [1000, 500])]
    assert.deepEqual(reasonOf(aSnapshot({ nodes, jobs: [aJob('a', aPod({ gpus: 4 }))] })), {
      code: 'InsufficientGpus',
      message: 'It needs 1 pod of 4 GPUs, 1 CPUs and 1024 MiB; a100 has 5.5 of 8 free, at most 3 whole on one node.',
      fix: 'It starts when running jobs leave room; pods of at most 3 GPUs would find some now.',
    })
  })

  test('that CPU or memory is what is missing beside the GPUs', () => {
    const nodes = [aNode('n1', { cpuMilli: 8000 })]
    const jobs = [
      aJob('first', aPod({ cpuMilli: 7000 }), { priority: 400 }),
      aJob('a', aPod({ gpus: 1, cpuMilli: 2000 })),
    ]
    const reason = reasonOf(aSnapshot({ nodes, jobs }))
    assert.equal(reason.code, 'InsufficientCapacity')
    assert.include(reason.message, 'at most 1 CPUs')
  })

  test('that it could never fit, with the largest that could', () => {
    const nodes = [aNode('n1'), aNode('n2')]
    const reason = reasonOf(aSnapshot({ nodes, jobs: [aJob('a', aPod({ gpus: 8 }), { slots: 3 })] }))
    assert.equal(reason.code, 'GangLargerThanCluster')
    assert.equal(reason.fix, 'Ask for at most 2 such pods.')
  })

  test('what field of its pod is not supported', () => {
    const refusal = {
      code: 'UnsupportedField' as const,
      message: 'spec.hostNetwork is not supported.',
      fix: 'Remove it.',
    }
    assert.deepEqual(
      reasonOf(aSnapshot({ nodes: [aNode('n1')], jobs: [aJob('a', aPod(), { demand: refusal })] })),
      refusal,
    )
  })
})

test('ten thousand jobs that ask the same and do not fit are one explanation (R15)', () => {
  const jobs = Array.from({ length: 10_000 }, (_, i) => aJob(`job-${i}`, aPod({ gpus: 8 })))
  const decided = plan(aSnapshot({ nodes: [withUsed(aNode('n1'), [1])], jobs }), 0)
  assert.equal(decided.explanations.length, 1)
  assert.equal(decided.explanations[0]?.jobs.length, 10_000)
})

test('a snapshot is never changed by planning on it', () => {
  const jobs = [aJob('a', aPod({ gpus: 8 })), aJob('b', aPod({ gpus: 8 }))]
  const snapshot = aSnapshot({ nodes: [aNode('n1')], jobs })
  const memo = new Memo()
  const first = plan(snapshot, 0, memo)
  assert.deepEqual(plan(snapshot, 0, memo), first)
  assert.deepEqual(plan(snapshot, 0), first)
})

test('once carried out, a plan has nothing to add for five more rounds', () => {
  const nodes = [aNode('n1'), aNode('n2', { gpus: 4 })]
  const jobs = Array.from({ length: 20 }, (_, i) => aJob(`job-${i}`, aPod({ gpus: 1 + (i % 5) })))
  const snapshot = aSnapshot({ nodes, jobs })
  const memo = new Memo()
  carryOut(snapshot, plan(snapshot, 0, memo))
  for (let round = 0; round < 5; round++) assert.deepEqual(plan(snapshot, 0, memo).admissions, [])
})
