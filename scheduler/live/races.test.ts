import { afterEach, assert, describe, expect, test } from 'vitest'
import { jsonPointer } from '../../kubernetes/cluster.ts'
import { annotations } from '../../kubernetes/names.ts'
import type { Job, Namespace, Pod } from '../../kubernetes/objects.ts'
import { type FaultyCluster, refusedWith } from '../testkit/faults.ts'
import { faultyStage, nodes, podsOf, type Stage } from '../testkit/stage.ts'
import type { JobEntry } from './jobEntry.ts'
import { Ledger } from './ledger.ts'

let stage: Stage
let faults: FaultyCluster
afterEach(() => stage.stop())

async function startWith(...names: string[]): Promise<void> {
  ;({ stage, faults } = await faultyStage({ nodes: nodes(...names) }))
}

const used = (node: string) => stage.scheduler.snapshot.nodes.get(node)?.usedThousandths
const evictionOf = async (name: string) => {
  const { metadata } = await stage.job({ namespace: 't', name })
  return JSON.parse(metadata.annotations?.[annotations.evicted] ?? 'null')
}
const isOfTest = ({ metadata }: Namespace) => metadata.name === 't'
const ignoreDisruption = {
  rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
}

describe('a Binding', () => {
  test('that is seen before it is answered, or answered before it is seen, counts once (R01)', async () => {
    await startWith('gpu-1')
    faults.next('bind', async (call) => {
      const answer = await call()
      // By then the watch has told of it.
      await stage.cluster.list('Pod', { namespace: 't' })
      for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve))
      return answer
    })
    await stage.submit({ slots: 2, gpus: 2 })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0+1', 'gpu-1/2+3'])
    assert.deepEqual(used('gpu-1'), [1000, 1000, 1000, 1000])
  })

  test('that was made and not seen yet holds its place, also where its Job has been stopped meanwhile (R01)', async () => {
    await startWith('gpu-1')
    await stage.submit({ gpus: 4, spec: { podFailurePolicy: ignoreDisruption } })
    await stage.settle()
    const job = await stage.job({ namespace: 't', name: 'job' })
    const bound = (await podsOf(stage.cluster, 'job'))[0] as Pod
    const { nodeName: _, ...spec } = bound.spec as NonNullable<Pod['spec']>
    const unbound = { ...bound, spec, status: { phase: 'Pending' } }
    const stopped = { ...job, spec: { ...(job.spec as NonNullable<Job['spec']>), suspend: true } }
    for (const end of ['seen', 'refused'] as const) {
      const ledger = new Ledger()
      const used = () => {
        ledger.refresh(0)
        return ledger.snapshot.nodes.get('gpu-1')?.usedThousandths
      }
      ledger.observeNamespace((await stage.cluster.list('Namespace')).items.find(isOfTest) as Namespace, false)
      for (const node of (await stage.cluster.list('Node')).items) ledger.observeNode(node, false)
      ledger.observeJob(job)
      ledger.observePod(unbound, 0)
      const entry = ledger.entries.get(job.metadata.uid ?? '') as JobEntry
      ledger.setBinding(entry, bound.metadata.uid ?? '', 0)
      ledger.observeJob({ ...stopped, metadata: { ...job.metadata, resourceVersion: '999999' } })
      assert.deepEqual(used(), [1000, 1000, 1000, 1000])
      assert.equal(ledger.snapshot.pendingJob(entry.uid), undefined)
      if (end === 'seen') {
        ledger.observePod(bound, 0)
        assert.deepEqual(used(), [1000, 1000, 1000, 1000])
        ledger.removePod(bound, 0)
      } else ledger.setBinding(entry, bound.metadata.uid ?? '', null)
      assert.deepEqual(used(), [0, 0, 0, 0], end)
      assert.notEqual(ledger.snapshot.pendingJob(entry.uid), undefined)
    }
  })

  test('that somebody else made, to another node, is lost to it: the next pod takes the slot, and the foreign one holds nothing (R01, R06)', async () => {
    await startWith('gpu-1', 'gpu-2')
    faults.next('bind', async (call) => {
      const [pod] = await podsOf(stage.cluster, 'job')
      await stage.cluster.bind({
        namespace: 't',
        pod: pod?.metadata.name ?? '',
        uid: pod?.metadata.uid ?? '',
        node: 'gpu-2',
        annotations: {},
      })
      return call()
    })
    await stage.submit({ gpus: 4, spec: { backoffLimit: 6 } })
    await stage.settle()
    await stage.pass(120)
    assert.lengthOf(await stage.placesOf('job'), 1)
    const taken = [...(used('gpu-1') ?? []), ...(used('gpu-2') ?? [])].reduce((sum, each) => sum + each, 0)
    assert.equal(taken, 4000)
  })

  const refusals = {
    'with 429 and a time to wait': refusedWith('TOO_MANY_REQUESTS', { retryAfterSeconds: 3 }),
    'with 500': refusedWith('UNAVAILABLE'),
    'with a timeout before it was done': refusedWith('TIMEOUT'),
    'with 409, though nothing has changed': refusedWith('CONFLICT'),
    'with 404, though the pod is there': refusedWith('NOT_FOUND'),
  }
  for (const [how, refusal] of Object.entries(refusals)) {
    test(`answered ${how} is made once in the end, and keeps its place meanwhile (R02)`, async () => {
      await startWith('gpu-1')
      faults.next('bind', refusal)
      await stage.submit({ gpus: 4 })
      await stage.submit({ name: 'second', gpus: 1 })
      await stage.settle()
      assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0+1+2+3'])
      assert.deepEqual(await stage.placesOf('second'), [])
      assert.deepEqual(used('gpu-1'), [1000, 1000, 1000, 1000])
    })
  }

  test('to a node that another scheduler fills meanwhile is turned away there, and made elsewhere (R06)', async () => {
    await startWith('gpu-1', 'gpu-2')
    faults.next('bind', async (call) => {
      const resources = { requests: { cpu: '31500m' } }
      const containers = [{ name: 'main', image: 'example.test/agent:1', resources }]
      const metadata = { namespace: 'kube-system', name: 'theirs' }
      await stage.cluster.create('Pod', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata,
        spec: { nodeName: 'gpu-1', containers },
      })
      return call()
    })
    await stage.submit({ gpus: 1, cpu: '2', spec: { backoffLimit: 6 } })
    await stage.settle()
    expect(await evictionOf('job')).toMatchObject({ reason: 'KubeletRejected' })
    await stage.pass(60)
    assert.deepEqual(await stage.placesOf('job'), ['gpu-2/0'])
    assert.deepEqual(used('gpu-1'), [0, 0, 0, 0])
  })
})

describe('between its admission and its pods', () => {
  const node = (name: string) => ({ name })
  const changes = {
    'is deleted': () => stage.cluster.delete('Node', node('gpu-1')),
    fails: () => stage.kubelet.failNode('gpu-1'),
    'is cordoned': () =>
      stage.cluster.patch('Node', node('gpu-1'), [{ op: 'add', path: '/spec/unschedulable', value: true }]),
    'loses a GPU': async () => {
      const devices = (await stage.devices('gpu-1')).map((device) => ({ ...device, health: 'Unhealthy' }))
      const path = jsonPointer('metadata', 'annotations', annotations.nodeDevices)
      return stage.cluster.patch('Node', node('gpu-1'), [{ op: 'replace', path, value: JSON.stringify(devices) }])
    },
  }
  for (const [what, change] of Object.entries(changes)) {
    test(`a gang whose node ${what} is given another one (R08)`, async () => {
      await startWith('gpu-1', 'gpu-2')
      const metadata = { namespace: 't', name: 'pods' }
      await stage.cluster.create('ResourceQuota', {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata,
        spec: { hard: { pods: '0' } },
      })
      await stage.submit({ gpus: 4 })
      await stage.pass(5)
      assert.deepEqual(used('gpu-1'), [1000, 1000, 1000, 1000])
      await change()
      await stage.settle()
      expect(await evictionOf('job')).toBeNull() // already admitted anew
      await stage.cluster.delete('ResourceQuota', metadata)
      await stage.pass(60)
      assert.deepEqual(await stage.placesOf('job'), ['gpu-2/0+1+2+3'])
    })
  }

  test('a running gang whose node is deleted keeps what it holds there until its pods are gone (R08)', async () => {
    await startWith('gpu-1', 'gpu-2')
    await stage.submit({ slots: 2, gpus: 4, runSeconds: 100, spec: { podFailurePolicy: ignoreDisruption } })
    await stage.settle()
    const before = await stage.cluster.get('Node', { name: 'gpu-1' })
    await stage.cluster.delete('Node', { name: 'gpu-1' })
    await stage.submit({ name: 'next', gpus: 1 })
    await stage.pass(10)
    const { name = '', labels, annotations: said } = before.metadata
    await stage.cluster.create('Node', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, ...(labels && { labels }), ...(said && { annotations: said }) },
      ...(before.spec && { spec: before.spec }),
    })
    await stage.cluster.patch('Node', { name }, [{ op: 'add', path: '/status', value: before.status }], {
      subresource: 'status',
    })
    await stage.settle()
    assert.deepEqual(used('gpu-1'), [1000, 1000, 1000, 1000])
    assert.deepEqual(await stage.placesOf('next'), [])
    await stage.pass(100)
    assert.lengthOf(await stage.placesOf('next'), 1)
  })
})

describe('gangs that each need more than half of what there is', () => {
  for (const [first, second] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    test(`never hold one half each: ${first} before ${second} (R10)`, async () => {
      await startWith('gpu-1', 'gpu-2')
      for (const name of [first, second]) await stage.submit({ name, slots: 2, gpus: 4, runSeconds: 60 })
      await stage.settle()
      const held = [await stage.placesOf(first), await stage.placesOf(second)].map(({ length }) => length)
      assert.deepEqual(held.toSorted(), [0, 2])
      await stage.pass(70)
      assert.deepEqual((await stage.placesOf(second)).length + (await stage.placesOf(first)).length, 2)
      await stage.pass(70)
      for (const name of [first, second])
        assert.isDefined((await stage.job({ namespace: 't', name })).status?.completionTime)
    })
  }

  test('all come to their end, though each wants nodes that another wants, and Bindings get lost (R10)', async () => {
    await startWith('gpu-1', 'gpu-2', 'gpu-3')
    const names = ['a', 'b', 'c', 'd', 'e']
    for (const name of names) await stage.submit({ name, slots: 2, gpus: 4, runSeconds: 30 })
    for (let round = 0; round < 12; round++) {
      faults.next('bind', round % 2 === 0 ? refusedWith('TIMEOUT') : refusedWith('CONFLICT'))
      await stage.pass(20)
      const held = await Promise.all(names.map(async (name) => (await stage.placesOf(name)).length))
      assert.isEmpty(held.filter((count) => count === 1))
    }
    for (const name of names) assert.isDefined((await stage.job({ namespace: 't', name })).status?.completionTime)
  })
})
