import { afterEach, assert, describe, expect, test } from 'vitest'
import { annotations, labels } from '../../kubernetes/names.ts'
import type { Node, Pod } from '../../kubernetes/objects.ts'
import { priorityClasses } from '../../kubernetes/policies/priorityClasses.ts'
import { gpuNode } from '../../kubernetes/simulated/testkit.ts'
import { jobOf, nodes, podsOf, type Stage, startStage } from '../testkit/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const job = (name = 'job') => stage.job({ namespace: 't', name })
const used = (node = 'gpu-1') => stage.scheduler.snapshot.nodes.get(node)?.usedThousandths

describe('a job’s way', () => {
  test('goes from suspended to pods on devices, and to free devices', async () => {
    stage = await startStage()
    await stage.submit({ slots: 2, gpus: 2, runSeconds: 60 })
    await stage.settle()
    const { spec, metadata } = await job()
    assert.equal(spec?.suspend, false)
    assert.equal(metadata.annotations?.[annotations.admittedAt], '2026-01-01T00:00:00Z')
    assert.equal(metadata.annotations?.[annotations.epoch], '1')
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0+1', 'gpu-1/2+3'])
    await stage.pass(61)
    assert.equal((await job()).status?.succeeded, 2)
    assert.deepEqual(used(), [0, 0, 0, 0])
  })

  test('leaves on each pod its slot, its devices, and since when it holds them', async () => {
    stage = await startStage()
    await stage.submit({ gpus: 1 })
    await stage.settle()
    const [pod] = await podsOf(stage.cluster, 'job')
    const [device] = await stage.devices('gpu-1')
    expect(pod?.metadata.annotations).toMatchObject({
      [annotations.slot]: '0',
      [annotations.devices]: JSON.stringify([{ index: 0, uuid: device?.uuid, model: 'NVIDIA-H100', share: '1' }]),
      [annotations.admittedAt]: '2026-01-01T00:00:00Z',
      [annotations.epoch]: '1',
    })
  })

  test('shares of one device run side by side, and the next waits until one has ended', async () => {
    stage = await startStage({ nodes: [{ ...gpuNode, gpuCount: 1 }] })
    await stage.submit({ name: 'a', share: '0.5', runSeconds: 60 })
    await stage.submit({ name: 'b', share: '0.25' })
    await stage.submit({ name: 'c', share: '0.5' })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('a'), ['gpu-1/0'])
    assert.deepEqual(await stage.placesOf('b'), ['gpu-1/0'])
    assert.deepEqual(await stage.placesOf('c'), [])
    assert.equal((await stage.reasonOf('c'))?.code, 'InsufficientGpus')
    await stage.pass(61)
    assert.deepEqual(await stage.placesOf('c'), ['gpu-1/0'])
    assert.isNull(await stage.reasonOf('c'))
  })

  test('each index of a gang gets the slot of its number', async () => {
    stage = await startStage({ nodes: nodes('gpu-1', 'gpu-2') })
    await stage.submit({ slots: 8, gpus: 1 })
    await stage.settle()
    const pods = await podsOf(stage.cluster, 'job')
    assert.equal(pods.length, 8)
    for (const { metadata } of pods) {
      assert.equal(
        metadata.annotations?.[annotations.slot],
        metadata.annotations?.['batch.kubernetes.io/job-completion-index'],
      )
    }
  })

  test('pods of a later wave take the slots of those that ended, each from the second its predecessor left', async () => {
    stage = await startStage()
    await stage.submit({
      runSeconds: 10,
      gpus: 1,
      spec: { completionMode: 'NonIndexed', completions: 3, parallelism: 2 },
    })
    await stage.pass(25)
    const pods = await podsOf(stage.cluster, 'job')
    const held = pods.map(({ metadata, status }) => ({
      slot: metadata.annotations?.[annotations.slot],
      from: metadata.annotations?.[annotations.admittedAt],
      to: status?.containerStatuses?.[0]?.state?.terminated?.finishedAt,
    }))
    held.sort((a, b) => `${a.from} ${a.slot}`.localeCompare(`${b.from} ${b.slot}`))
    assert.deepEqual(
      held.map(({ slot, from }) => [slot, from]),
      [
        ['0', '2026-01-01T00:00:00Z'],
        ['1', '2026-01-01T00:00:00Z'],
        ['0', held[0]?.to],
      ],
    )
    assert.equal((await job()).status?.succeeded, 3)
    assert.deepEqual(used(), [0, 0, 0, 0])
  })

  test('a slot that no further pod will need is free while the others run on', async () => {
    stage = await startStage()
    await stage.submit({ runSeconds: 10, gpus: 2, spec: { completions: 3, parallelism: 2 } })
    await stage.pass(15)
    assert.deepEqual(used(), [1000, 1000, 0, 0])
  })
})

describe('whose jobs it schedules', () => {
  test('those of namespaces that bear a tenant’s label, from when they do', async () => {
    stage = await startStage()
    await stage.cluster.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'system' } })
    await stage.submit({ namespace: 'system' })
    await stage.settle()
    assert.isTrue((await stage.job({ namespace: 'system', name: 'job' })).spec?.suspend)
    await stage.cluster.apply('Namespace', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'system', labels: { [labels.tenant]: 'tenant_new' } },
    })
    await stage.settle()
    assert.isFalse((await stage.job({ namespace: 'system', name: 'job' })).spec?.suspend)
  })

  test('none that another controller made, a CronJob aside', async () => {
    stage = await startStage()
    const ownedBy = (kind: string, name: string) => {
      const owner = { apiVersion: 'x/v1', kind, name: 'owner', uid: 'owner-uid', controller: true }
      const wanted = jobOf({ name })
      return stage.cluster.create('Job', { ...wanted, metadata: { ...wanted.metadata, ownerReferences: [owner] } })
    }
    await ownedBy('JobSet', 'of-a-jobset')
    await ownedBy('CronJob', 'of-a-cronjob')
    await stage.settle()
    assert.isTrue((await job('of-a-jobset')).spec?.suspend)
    assert.isFalse((await job('of-a-cronjob')).spec?.suspend)
  })

  test('none with a field that it cannot honour, and it says which', async () => {
    stage = await startStage()
    await stage.submit({ pod: { hostNetwork: true } })
    await stage.settle()
    assert.isTrue((await job()).spec?.suspend)
    const reason = await stage.reasonOf('job')
    assert.equal(reason?.code, 'UnsupportedField')
    assert.include(reason?.message, 'UnsupportedField(spec.template.spec.hostNetwork)')
  })

  test('those of a queue, and others wait until there is one', async () => {
    stage = await startStage({ queues: [] })
    await stage.submit({ name: 'anywhere' })
    await stage.submit({ name: 'somewhere', queue: 'research' })
    await stage.settle()
    assert.equal((await stage.reasonOf('anywhere'))?.code, 'QueueNotFound')
    assert.equal((await stage.reasonOf('somewhere'))?.code, 'QueueNotFound')
    await stage.queue('default')
    await stage.queue('research')
    await stage.settle()
    assert.isFalse((await job('anywhere')).spec?.suspend)
    assert.isFalse((await job('somewhere')).spec?.suspend)
  })

  test('by priority class, or else by the job’s class', async () => {
    stage = await startStage({ nodes: [{ ...gpuNode, gpuCount: 1 }] })
    for (const priorityClass of priorityClasses) await stage.cluster.create('PriorityClass', priorityClass)
    await stage.submit({ name: 'first', gpus: 1, runSeconds: 10 })
    await stage.settle()
    await stage.submit({ name: 'batch', gpus: 1, annotations: { [annotations.class]: 'BATCH' } })
    await stage.submit({ name: 'training', gpus: 1, annotations: { [annotations.class]: 'TRAINING' } })
    await stage.submit({
      name: 'named',
      gpus: 1,
      annotations: { [annotations.class]: 'BATCH' },
      pod: { priorityClassName: 'sluice-inference' },
    })
    await stage.pass(11)
    assert.deepEqual(await stage.placesOf('named'), ['gpu-1/0'])
    assert.deepEqual(await stage.placesOf('training'), [])
  })
})

describe('capacity', () => {
  test('a pod that is being stopped holds its devices until it is gone', async () => {
    stage = await startStage({ nodes: [{ ...gpuNode, gpuCount: 1 }] })
    await stage.submit({ name: 'a', gpus: 1, pod: { terminationGracePeriodSeconds: 30 } })
    await stage.settle()
    const [pod] = await podsOf(stage.cluster, 'a')
    const keep = [{ op: 'add', path: '/metadata/finalizers/-', value: 'example.test/keep' }] as const
    const ref = { namespace: 't', name: pod?.metadata.name ?? '' }
    await stage.cluster.patch('Pod', ref, keep)
    await stage.cluster.delete('Job', { namespace: 't', name: 'a' }, { propagationPolicy: 'Background' })
    await stage.submit({ name: 'b', gpus: 1 })
    await stage.settle()
    const isStopping = (await stage.cluster.get('Pod', ref)).metadata.deletionTimestamp !== undefined
    assert.isTrue(isStopping)
    const ended = ['Succeeded', 'Failed'].includes((await stage.cluster.get('Pod', ref)).status?.phase ?? '')
    assert.deepEqual(await stage.placesOf('b'), ended ? ['gpu-1/0'] : [])
  })

  test('pods that others bound are subtracted, whichever devices they have (R06)', async () => {
    stage = await startStage({ nodes: [] })
    await stage.cluster.create('Node', countingNode('plain', 4))
    const { metadata } = await stage.cluster.create('Pod', foreignPod('daemon'))
    const uid = metadata.uid ?? ''
    await stage.cluster.bind({ namespace: 'default', pod: 'daemon', node: 'plain', uid, annotations: {} })
    await stage.settle()
    assert.deepEqual(used('plain'), [0, 0, 0, 1000])
    assert.equal(stage.scheduler.snapshot.nodes.get('plain')?.freeCpuMilli, 28_000)
    await stage.submit({ gpus: 4 })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('job'), [])
  })

  test('where the kubelet picks devices, there are whole ones only', async () => {
    stage = await startStage({ nodes: [] })
    await stage.cluster.create('Node', countingNode('plain', 4))
    await stage.submit({ name: 'whole', gpus: 2 })
    await stage.submit({ name: 'half', share: '0.5' })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('whole'), ['plain/0+1'])
    assert.equal((await stage.reasonOf('half'))?.code, 'NoMatchingFlavor')
  })

  test('a node that comes later is used, one that is cordoned is not', async () => {
    stage = await startStage({ nodes: nodes('gpu-1', 'gpu-2') })
    await stage.cluster.patch('Node', { name: 'gpu-1' }, [{ op: 'add', path: '/spec/unschedulable', value: true }])
    await stage.submit({ gpus: 4 })
    await stage.submit({ name: 'second', gpus: 4 })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('job'), ['gpu-2/0+1+2+3'])
    assert.deepEqual(await stage.placesOf('second'), [])
    await stage.cluster.patch('Node', { name: 'gpu-1' }, [{ op: 'remove', path: '/spec/unschedulable' }])
    await stage.settle()
    assert.deepEqual(await stage.placesOf('second'), ['gpu-1/0+1+2+3'])
  })

  test('a quota lets one queue borrow what the other leaves, until that wants it back', async () => {
    stage = await startStage({ queues: [] })
    const gpus = (nominalQuota: string) => [{ flavor: 'h100', resource: 'GPU' as const, nominalQuota }]
    await stage.queue('company', { quotas: gpus('0') })
    await stage.queue('vision', { parent: 'company', quotas: gpus('1') })
    await stage.queue('speech', { parent: 'company', quotas: gpus('1') })
    await stage.submit({ name: 'borrower', queue: 'vision', gpus: 2 })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('borrower'), ['gpu-1/0+1'])
    await stage.submit({ name: 'lender', queue: 'speech', gpus: 1 })
    await stage.settle()
    assert.lengthOf(await stage.placesOf('lender'), 1)
    assert.equal((await stage.reasonOf('borrower'))?.code, 'WaitingForQuota')
  })
})

describe('what it tells', () => {
  test('why a job waits, again only when the reason is another, and at most twice a minute', async () => {
    stage = await startStage({ queues: [] })
    await stage.submit({ gpus: 64 })
    await stage.settle()
    const first = await stage.reasonOf('job')
    assert.equal(first?.code, 'QueueNotFound')
    assert.equal(first?.since, '2026-01-01T00:00:00Z')
    await stage.queue('default')
    await stage.settle()
    stage.timers.pass(29_000)
    await stage.settle()
    assert.equal((await stage.reasonOf('job'))?.code, 'QueueNotFound')
    stage.timers.pass(2_000)
    await stage.settle()
    assert.equal((await stage.reasonOf('job'))?.code, 'GangLargerThanCluster')
  })

  test('of many that wait, fifty a second', async () => {
    stage = await startStage()
    for (let i = 0; i < 120; i++) await stage.submit({ name: `job-${i}`, gpus: 64 })
    await stage.settle()
    const told = async () => {
      const { items } = await stage.cluster.list('Job', { namespace: 't' })
      return items.filter(({ metadata }) => metadata.annotations?.[annotations.pending] !== undefined).length
    }
    const afterMs = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 100) {
        stage.timers.pass(100)
        await stage.settle()
      }
      return told()
    }
    expect(await afterMs(100)).toBeOneOf([50, 51, 52, 53, 54, 55])
    assert.isAtMost(await afterMs(1_000), 105)
    assert.equal(await afterMs(1_000), 120)
  })

  test('what a queue borrows, itself and through those below it', async () => {
    stage = await startStage({ queues: ['root'] })
    const gpus = (nominalQuota: string) => [{ flavor: 'h100', resource: 'GPU' as const, nominalQuota }]
    await stage.queue('lender', { parent: 'root', quotas: gpus('3') })
    await stage.queue('team', { parent: 'root', quotas: gpus('0.5') })
    await stage.queue('person', { parent: 'team', quotas: gpus('0') })
    await stage.submit({ name: 'a', queue: 'person', gpus: 2 })
    await stage.settle()
    stage.timers.pass(1_000)
    await stage.settle()
    const statusOf = async (name: string) => (await stage.cluster.get('Queue', { name })).status
    assert.deepInclude(await statusOf('person'), { usedGpus: '2', nominalGpus: '0', borrowedGpus: '2' })
    assert.deepInclude(await statusOf('team'), { usedGpus: '0', nominalGpus: '0.5', borrowedGpus: '1.5' })
    assert.deepInclude(await statusOf('lender'), { nominalGpus: '3', borrowedGpus: '0' })
    assert.notProperty(await statusOf('root'), 'nominalGpus')
  })

  test('that a queue cannot be used, why, and since when', async () => {
    stage = await startStage()
    const active = async () => {
      stage.timers.pass(1_000)
      await stage.settle()
      return (await stage.cluster.get('Queue', { name: 'lost' })).status?.conditions?.[0]
    }
    await stage.queue('lost', { parent: 'nowhere' })
    await stage.settle()
    const before = await active()
    assert.deepInclude(before, { type: 'Active', status: 'False', reason: 'Misconfigured' })
    assert.match(before?.message ?? '', /nowhere/)
    await stage.pass(60)
    await stage.submit({ name: 'a', queue: 'lost' })
    await stage.settle()
    assert.equal((await active())?.lastTransitionTime, before?.lastTransitionTime)
    await stage.queue('nowhere')
    await stage.settle()
    const after = await active()
    assert.deepInclude(after, { status: 'True', reason: 'Ready' })
    assert.notEqual(after?.lastTransitionTime, before?.lastTransitionTime)
  })

  test('what each queue holds, once a second', async () => {
    stage = await startStage()
    await stage.submit({ name: 'a', slots: 2, gpus: 1 })
    await stage.submit({ name: 'b', share: '0.5' })
    await stage.submit({ name: 'c', slots: 2, gpus: 3 })
    await stage.settle()
    stage.timers.pass(1_000)
    await stage.settle()
    const { status } = await stage.cluster.get('Queue', { name: 'default' })
    const { conditions, ...numbers } = status ?? {}
    assert.deepEqual(numbers, {
      observedGeneration: 1,
      pending: 1,
      admitted: 2,
      usedGpus: '2.5',
      pendingGpus: '6',
      borrowedGpus: '0',
    })
    assert.deepInclude(conditions?.[0], { type: 'Active', status: 'True', reason: 'Ready', observedGeneration: 1 })
  })
})

function foreignPod(name: string): Pod {
  const limits = { 'nvidia.com/gpu': '1', cpu: '4', memory: '1Gi' }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name },
    spec: {
      schedulerName: 'other',
      containers: [{ name: 'main', image: 'example.test/other:1', resources: { limits, requests: limits } }],
    },
  }
}

/** A node with an ordinary device plugin, which no kubelet plays. */
function countingNode(name: string, gpus: number): Node {
  const allocatable = { cpu: '32', memory: '128Gi', pods: '110', 'nvidia.com/gpu': String(gpus) }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { [labels.gpuModel]: 'T4', [labels.gpuMemoryMib]: '16384' } },
    status: { allocatable, conditions: [{ type: 'Ready', status: 'True' }] },
  }
}
