import { setImmediate as immediate } from 'node:timers/promises'
import { afterEach, assert, describe, expect, test } from 'vitest'
import { jsonPointer } from '../../kubernetes/cluster.ts'
import { annotations } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import { encodeAssignment } from '../model/assignment.ts'
import { type FaultyCluster, lostReply, refusedWith, silence } from '../testkit/faults.ts'
import { faultyStage, ledgerOf, nodes, podsOf, type Stage, startStage } from '../testkit/stage.ts'

let stage: Stage
let faults: FaultyCluster
afterEach(() => stage.stop())

const job = (name = 'job') => stage.job({ namespace: 't', name })
const used = (node = 'gpu-1') => stage.scheduler.snapshot.nodes.get(node)?.usedThousandths
const annotationsOf = async (name = 'job') => (await job(name)).metadata.annotations ?? {}

async function startFaultyStage(options: Parameters<typeof startStage>[0] = {}): Promise<void> {
  ;({ stage, faults } = await faultyStage(options))
}

describe('an admission', () => {
  test('whose answer was lost is found done, and is not made twice', async () => {
    await startFaultyStage()
    faults.next('patch', lostReply, 'Job')
    await stage.submit({ gpus: 4 })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0+1+2+3'])
    assert.deepEqual(used(), [1000, 1000, 1000, 1000])
  })

  test('that gets no answer is repeated, and counts as made meanwhile', async () => {
    await startFaultyStage()
    faults.next('patch', refusedWith('UNAVAILABLE'), 'Job')
    await stage.submit({ gpus: 4 })
    await stage.submit({ name: 'second', gpus: 1 })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0+1+2+3'])
    assert.deepEqual(await stage.placesOf('second'), [])
  })

  test('waits as long as the server asks', async () => {
    await startFaultyStage()
    faults.next('patch', refusedWith('TOO_MANY_REQUESTS', { retryAfterSeconds: 7 }), 'Job')
    await stage.submit({ gpus: 1 })
    await untilCalls('patch Job', 1)
    stage.timers.pass(6_000)
    await turns()
    assert.equal(count('patch Job'), 1)
    stage.timers.pass(1_000)
    await stage.settle()
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0'])
  })

  test('of a Job that has just changed is decided anew', async () => {
    await startFaultyStage()
    faults.next(
      'patch',
      async (call) => {
        const wants = { op: 'replace', path: '/spec/template/spec/nodeSelector', value: { zone: 'none' } } as const
        await stage.cluster.patch('Job', { namespace: 't', name: 'job' }, [{ ...wants, op: 'add' }])
        return call()
      },
      'Job',
    )
    await stage.submit({ gpus: 1 })
    await stage.settle()
    assert.isTrue((await job()).spec?.suspend)
    assert.equal((await stage.reasonOf('job'))?.code, 'NoMatchingFlavor')
    assert.deepEqual(used(), [0, 0, 0, 0])
  })

  test('of a Job that is gone leaves nothing behind', async () => {
    await startFaultyStage()
    faults.next(
      'patch',
      async (call) => {
        await stage.cluster.delete('Job', { namespace: 't', name: 'job' })
        return call()
      },
      'Job',
    )
    await stage.submit({ gpus: 4 })
    await stage.submit({ name: 'second', gpus: 4 })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('second'), ['gpu-1/0+1+2+3'])
  })

  test('that is forbidden is not tried again at once, and does not keep what it was to get', async () => {
    await startFaultyStage()
    faults.always('patch', refusedWith('FORBIDDEN'))
    await stage.submit({ gpus: 4 })
    await stage.settle()
    assert.equal(count('patch Job'), 1)
    assert.deepEqual(used(), [0, 0, 0, 0])
    stage.timers.pass(30_000)
    await stage.settle()
    assert.equal(count('patch Job'), 2)
  })

  test('that somebody else made is taken back', async () => {
    stage = await startStage()
    await stage.submit({ gpus: 64 })
    await stage.settle()
    await unsuspend('job', {})
    await stage.settle()
    assert.isTrue((await job()).spec?.suspend)
    expect(await evictionOf('job')).toMatchObject({ reason: 'NotAdmitted' })
  })

  test('of an older epoch gives way where two hold the same device, before a pod of it is bound', async () => {
    stage = await startStage()
    await stage.restartScheduler()
    await stage.submit({ name: 'mine', gpus: 4 })
    await stage.submit({ name: 'stale', gpus: 1 })
    await stage.settle()
    await unsuspend('stale', {
      [annotations.assignment]: encodeAssignment({ flavor: 'h100', slots: [{ node: 'gpu-1', devices: [0] }] }) ?? '',
      [annotations.admittedAt]: '2026-01-01T00:00:00Z',
      [annotations.epoch]: '1',
    })
    await stage.settle()
    assert.isTrue((await job('stale')).spec?.suspend)
    expect(await evictionOf('stale')).toMatchObject({ reason: 'AssignmentConflict' })
    assert.deepEqual(await stage.placesOf('stale'), [])
    assert.deepEqual(await stage.placesOf('mine'), ['gpu-1/0+1+2+3'])
  })
})

describe('a Binding', () => {
  test('whose answer was lost is found done (R02)', async () => {
    await startFaultyStage()
    faults.next('bind', lostReply)
    await stage.submit({ slots: 2, gpus: 2 })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0+1', 'gpu-1/2+3'])
  })

  test('of a pod that was written to meanwhile is repeated for its new version (R01, R02)', async () => {
    await startFaultyStage()
    faults.next('bind', async (call) => {
      const [pod] = await podsOf(stage.cluster, 'job')
      const touch = [{ op: 'add', path: '/metadata/labels/touched', value: 'yes' }] as const
      await stage.cluster.patch('Pod', { namespace: 't', name: pod?.metadata.name ?? '' }, touch)
      return call()
    })
    await stage.submit({ gpus: 1 })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0'])
  })

  test('of a pod that is gone is made for the one that replaces it (R01, R02)', async () => {
    await startFaultyStage()
    faults.next('bind', async (call) => {
      const [pod] = await podsOf(stage.cluster, 'job')
      await stage.cluster.delete('Pod', { namespace: 't', name: pod?.metadata.name ?? '' }, { gracePeriodSeconds: 0 })
      return call()
    })
    await stage.submit({ gpus: 1, spec: { backoffLimit: 6 } })
    await stage.pass(60)
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0'])
    assert.deepEqual(used(), [1000, 0, 0, 0])
  })

  test('under way keeps its slot, also where fewer pods are wanted meanwhile (R01)', async () => {
    await startFaultyStage()
    const spec = { completionMode: 'NonIndexed', completions: 2, podFailurePolicy: ignoreDisruption }
    await stage.submit({ name: 'pair', slots: 2, gpus: 2, runSeconds: 60, spec })
    await stage.settle()
    await stage.submit({ name: 'other', gpus: 2 })
    await stage.settle()
    let answer = () => {}
    faults.next('bind', (call) => new Promise((resolve) => (answer = () => resolve(call()))))
    const second = (await podsOf(stage.cluster, 'pair')).find(
      ({ metadata }) => metadata.annotations?.[annotations.slot] === '1',
    )
    await stage.cluster.evict({ namespace: 't', name: second?.metadata.name ?? '' })
    // The first one ends within that time: its slot is the one that no further pod will need.
    for (let seconds = 0; seconds < 60; seconds++) {
      stage.clock.advanceTo(stage.clock.nowMs() + 1_000)
      await turns()
    }
    assert.equal(count('bind Pod'), 4)
    answer()
    await stage.settle()
    assert.deepEqual(await stage.placesOf('pair'), ['gpu-1/2+3'])
    assert.deepEqual(await stage.placesOf('other'), ['gpu-1/0+1'])
  })

  test('that is forbidden is tried again after a while, and the slot is kept (R02)', async () => {
    await startFaultyStage()
    faults.next('bind', refusedWith('FORBIDDEN'))
    await stage.submit({ gpus: 1 })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('job'), [])
    assert.deepEqual(used(), [1000, 0, 0, 0])
    stage.timers.pass(30_000)
    await stage.settle()
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0'])
  })
})

describe('a gang', () => {
  test('whose pods are not all made binds none, and goes back with the reason and a growing wait (R11)', async () => {
    stage = await startStage()
    await quotaOfPods(1)
    await stage.submit({ slots: 2, gpus: 1 })
    await stage.pass(59)
    assert.isFalse((await job()).spec?.suspend)
    assert.deepEqual(await stage.placesOf('job'), [])
    assert.deepEqual(used(), [1000, 1000, 0, 0])
    await stage.pass(2)
    assert.isTrue((await job()).spec?.suspend)
    expect(await evictionOf('job')).toMatchObject({ reason: 'PodsNotCreated' })
    assert.equal(JSON.parse((await annotationsOf())[annotations.requeue] ?? '').attempt, 1)
    assert.equal((await stage.reasonOf('job'))?.code, 'WaitingForBackoff')
    assert.deepEqual(used(), [0, 0, 0, 0])
    await stage.pass(10)
    assert.isFalse((await job()).spec?.suspend)
    await stage.pass(61)
    assert.equal(JSON.parse((await annotationsOf())[annotations.requeue] ?? '').attempt, 2)
    await stage.pass(15)
    assert.isTrue((await job()).spec?.suspend)
    await stage.pass(6)
    assert.isFalse((await job()).spec?.suspend)
  })

  test('keeps its wait over a restart of the scheduler', async () => {
    stage = await startStage()
    await quotaOfPods(0)
    await stage.submit({ gpus: 1 })
    await stage.pass(61)
    await stage.cluster.delete('ResourceQuota', { namespace: 't', name: 'pods' })
    await stage.restartScheduler()
    await stage.settle()
    assert.isTrue((await job()).spec?.suspend)
    await stage.pass(10)
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0'])
  })

  test('that is given up in time still starts, if its pods come just before', async () => {
    stage = await startStage()
    await quotaOfPods(1)
    await stage.submit({ slots: 2, gpus: 1, spec: { backoffLimit: 6 } })
    await stage.pass(30)
    await stage.cluster.delete('ResourceQuota', { namespace: 't', name: 'pods' })
    await stage.pass(300)
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0', 'gpu-1/1'])
  })

  test('turned away by a kubelet is tried on another node (R07)', async () => {
    stage = await startStage({ nodes: nodes('gpu-1', 'gpu-2') })
    // What the node says of its devices is not what its kubelet has.
    const devices = (await stage.devices('gpu-1')).map((device) => ({ ...device, uuid: `GPU-of-old-${device.index}` }))
    const path = jsonPointer('metadata', 'annotations', annotations.nodeDevices)
    await stage.cluster.patch('Node', { name: 'gpu-1' }, [{ op: 'replace', path, value: JSON.stringify(devices) }])
    await stage.submit({ gpus: 1, spec: { backoffLimit: 6 } })
    await stage.settle()
    expect(await evictionOf('job')).toMatchObject({ reason: 'KubeletRejected' })
    await stage.pass(11)
    assert.deepEqual(await stage.placesOf('job'), ['gpu-2/0'])
  })

  test('that loses a node is stopped whole and starts whole elsewhere (R08, R11)', async () => {
    stage = await startStage({ nodes: nodes('gpu-1', 'gpu-2', 'gpu-3') })
    await stage.submit({ slots: 2, gpus: 4, spec: { podFailurePolicy: ignoreDisruption } })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0+1+2+3', 'gpu-2/0+1+2+3'])
    await stage.kubelet.failNode('gpu-2')
    await stage.pass(60)
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0+1+2+3', 'gpu-3/0+1+2+3'])
    assert.deepEqual(used('gpu-1'), [1000, 1000, 1000, 1000])
  })
})

describe('a restart', () => {
  test('rebuilds the same ledger from the cluster (R04)', async () => {
    stage = await startStage({ nodes: nodes('gpu-1', 'gpu-2'), queues: ['default', 'research'] })
    await stage.submit({ name: 'gang', slots: 2, gpus: 2 })
    await stage.submit({ name: 'half', share: '0.5', queue: 'research' })
    await stage.submit({ name: 'short', share: '0.25', runSeconds: 5 })
    await stage.submit({ name: 'waiting', slots: 2, gpus: 4 })
    await quotaOfPods(4)
    await stage.submit({ name: 'without-pods', gpus: 1, queue: 'research' })
    await stage.pass(10)
    const before = ledgerOf(stage)
    assert.deepEqual(before.pending.length, 1)
    await stage.restartScheduler()
    await stage.settle()
    assert.deepEqual(ledgerOf(stage), before)
  })

  test('finds the slots of a job in waves as they were, also after it was stopped amid one', async () => {
    stage = await startStage({ nodes: nodes('gpu-1', 'gpu-2') })
    const spec = { completionMode: 'NonIndexed', completions: 2, podFailurePolicy: ignoreDisruption }
    await stage.submit({ name: 'waves', slots: 2, gpus: 4, runSeconds: 50, spec })
    await stage.pass(10)
    const second = (await podsOf(stage.cluster, 'waves')).find(({ spec }) => spec?.nodeName === 'gpu-2')
    await stage.cluster.evict({ namespace: 't', name: second?.metadata.name ?? '' })
    // The first one is done, and the one that replaced the second is not.
    await stage.pass(45)
    await stage.queue('default', { stopPolicy: 'HoldAndDrain' })
    await stage.settle()
    await quotaOfPods(0)
    await stage.queue('default')
    await stage.settle()
    // One pod is left to be made, and one slot kept for it.
    const before = ledgerOf(stage)
    for (const { metadata } of await podsOf(stage.cluster, 'waves')) {
      const ref = { namespace: 't', name: metadata.name ?? '' }
      await stage.cluster.delete('Pod', ref)
      await stage.cluster.patch('Pod', ref, [{ op: 'remove', path: '/metadata/finalizers' }])
    }
    await stage.settle()
    assert.deepEqual(ledgerOf(stage), before)
    await stage.restartScheduler()
    await stage.settle()
    assert.deepEqual(ledgerOf(stage), before)
  })

  test('still knows what is usually asked for, by what runs and what waits', async () => {
    await startFaultyStage()
    await stage.submit({ name: 'gang', slots: 2, gpus: 2 })
    await stage.submit({ name: 'waiting', slots: 2, gpus: 4 })
    await stage.settle()
    const typical = () => stage.scheduler.snapshot.typical?.map(({ pod, count }) => [pod.gpu?.count, count]).toSorted()
    assert.deepEqual(typical(), [
      [2, 2],
      [4, 2],
    ])
    await stage.restartScheduler()
    await stage.settle()
    assert.deepEqual(typical(), [
      [2, 2],
      [4, 2],
    ])
  })

  for (const isEarlierKnown of [false, true]) {
    const also = isEarlierKnown ? ', also where one before it is still there' : ''
    test(`charges no second twice for a slot whose last pod is gone, and was counted by nobody${also}`, async () => {
      stage = await startStage()
      await stage.submit({ gpus: 1, spec: { podFailurePolicy: ignoreDisruption } })
      if (isEarlierKnown) {
        await stage.pass(10)
        await evictRunning('job')
        await stage.pass(20)
      }
      await stage.pass(30)
      const evictedAtMs = stage.clock.nowMs()
      const name = await evictRunning('job')
      await stage.settle()
      // As metering lets go of it.
      await stage.cluster.patch('Pod', { namespace: 't', name }, [{ op: 'remove', path: '/metadata/finalizers' }])
      await stage.restartScheduler()
      await stage.pass(60)
      const next = await runningPod('job')
      const since = next?.metadata.annotations?.[annotations.admittedAt] ?? ''
      assert.isAtLeast(Date.parse(since), evictedAtMs)
    })
  }

  test('between the decision and the first Binding goes on where it was left (R03)', async () => {
    await startFaultyStage()
    faults.always('bind', silence)
    await stage.submit({ slots: 2, gpus: 2 })
    await untilCalls('bind Pod', 2)
    await stage.restartScheduler()
    await stage.settle()
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0+1', 'gpu-1/2+3'])
    assert.deepEqual(used(), [1000, 1000, 1000, 1000])
  })

  test('between two Bindings of a gang completes it (R03)', async () => {
    await startFaultyStage()
    faults.next('bind', (call) => call())
    faults.always('bind', silence)
    await stage.submit({ slots: 4, gpus: 1 })
    await untilCalls('bind Pod', 4)
    await stage.restartScheduler()
    await stage.settle()
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0', 'gpu-1/1', 'gpu-1/2', 'gpu-1/3'])
  })

  test('between the decision and its patch decides again (R03)', async () => {
    await startFaultyStage()
    faults.always('patch', silence)
    await stage.submit({ gpus: 4 })
    await untilCalls('patch Job', 1)
    await stage.restartScheduler()
    await stage.settle()
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0+1+2+3'])
    assert.equal((await annotationsOf())[annotations.epoch], '2')
  })
})

const ignoreDisruption = {
  rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
}

/** As another leader, or a tenant, would. */
async function unsuspend(name: string, told: Record<string, string>): Promise<void> {
  const path = (key: string) => jsonPointer('metadata', 'annotations', key)
  await stage.cluster.patch('Job', { namespace: 't', name }, [
    { op: 'replace', path: '/spec/suspend', value: false },
    ...Object.entries(told).map(([key, value]) => ({ op: 'add' as const, path: path(key), value })),
  ])
}

async function evictionOf(name: string): Promise<unknown> {
  return JSON.parse((await annotationsOf(name))[annotations.evicted] ?? 'null')
}

async function runningPod(job: string): Promise<Pod | undefined> {
  return (await podsOf(stage.cluster, job)).find(({ status }) => status?.phase === 'Running')
}

async function evictRunning(job: string): Promise<string> {
  const name = (await runningPod(job))?.metadata.name ?? ''
  await stage.cluster.evict({ namespace: 't', name })
  return name
}

async function quotaOfPods(pods: number): Promise<void> {
  const metadata = { namespace: 't', name: 'pods' }
  await stage.cluster.create('ResourceQuota', {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata,
    spec: { hard: { pods: String(pods) } },
  })
}

function count(call: string): number {
  return faults.calls.filter((made) => made === call).length
}

/** Lets what needs no waiting go on. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await immediate()
}

async function untilCalls(call: string, times: number): Promise<void> {
  while (count(call) < times) await immediate()
}
