import { afterEach, assert, describe, expect, test } from 'vitest'
import { annotations, labels } from '../../../kubernetes/names.ts'
import type { Pod } from '../../../kubernetes/objects.ts'
import { claiming, claimNodes, claimSpec, claimTemplate, createGpuClass } from '../../testkit/claims.ts'
import { type FaultyCluster, lostReply, silence } from '../../testkit/faults.ts'
import {
  createPods,
  type GroupWish,
  groupPod,
  placesOfGroup,
  podsOfGroup,
  recordOf,
  release,
} from '../../testkit/groups.ts'
import { faultyStage, jobOf, ledgerOf, nodes, type Stage, type startStage } from '../../testkit/stage.ts'

let stage: Stage
let faults: FaultyCluster
afterEach(() => stage.stop())

async function start(options: Parameters<typeof startStage>[0] = {}): Promise<void> {
  ;({ stage, faults } = await faultyStage(options))
}
const four = (wish: Partial<GroupWish> = {}): GroupWish => ({ name: 'train', size: 4, gpus: 2, ...wish })
const pods = (name = 'train') => podsOfGroup(stage.cluster, name)
const places = async (name = 'train') => placesOfGroup(await pods(name))
const used = () => [...stage.scheduler.snapshot.nodes.values()].flatMap(({ usedThousandths }) => usedThousandths)
const deletePod = (name: string) => stage.cluster.delete('Pod', { namespace: 't', name })
async function reason(name = 'train') {
  stage.timers.pass(31_000)
  await stage.settle()
  return recordOf(await pods(name)).pending
}
/** What runs too. */
function wholeLedgerOf(of: Stage) {
  const running = [...of.scheduler.snapshot.running.values()].map(({ held, ...job }) => ({ ...job, held: held.length }))
  return { ...ledgerOf(of), running }
}

describe('a group of pods', () => {
  test('is given places together, once all of its pods are there', async () => {
    await start({ nodes: nodes('gpu-1', 'gpu-2') })
    await createPods(stage.cluster, four(), 3)
    await stage.settle()
    assert.deepEqual(await places(), [])
    expect(await reason()).toMatchObject({
      code: 'WaitingForPods',
      message: 'Not all of the 4 pods of group train wait for a place yet.',
    })
    await createPods(stage.cluster, four(), 1, 3)
    await stage.settle()
    assert.deepEqual(await places(), [
      'train-0: gpu-1/0+1',
      'train-1: gpu-1/2+3',
      'train-2: gpu-2/0+1',
      'train-3: gpu-2/2+3',
    ])
    assert.isNull(recordOf(await pods()).pending)
    assert.deepEqual(used(), Array(8).fill(1000))
  })

  test('waits as a whole where it does not fit, with the reason, and starts when there is room', async () => {
    await start({ nodes: nodes('gpu-1', 'gpu-2') })
    await stage.submit({ name: 'before', gpus: 1, runSeconds: 100 })
    await stage.settle()
    await createPods(stage.cluster, four(), 4)
    await stage.settle()
    assert.deepEqual(await places(), [])
    assert.equal((await reason())?.code, 'InsufficientGpus')
    await stage.pass(101)
    assert.lengthOf(await places(), 4)
  })

  test('counts in the queue and as the class that its pods say', async () => {
    await start()
    await stage.queue('small', { quotas: [{ flavor: 'h100', resource: 'GPU', nominalQuota: '2' }] })
    await createPods(stage.cluster, four({ gpus: 1, queue: 'small', size: 3 }), 3)
    await stage.settle()
    assert.deepEqual(await places(), [])
    assert.equal((await reason())?.code, 'ExceedsMaxQuota')
    await createPods(stage.cluster, four({ name: 'two', gpus: 1, queue: 'small', size: 2 }), 2)
    await stage.settle()
    assert.lengthOf(await places('two'), 2)
    assert.equal(stage.scheduler.snapshot.running.get('group:t/two')?.queue, 'small')
    for (const { metadata } of await pods('two')) assert.equal(metadata.annotations?.[labels.queue], 'small')
  })

  test('is stopped for one of a higher class: its pods are deleted, and those that are made anew wait for their turn', async () => {
    await start()
    await createPods(stage.cluster, four({ size: 2, annotations: { [annotations.class]: 'BATCH' } }), 2)
    await stage.settle()
    assert.lengthOf(await places(), 2)
    const urgent = {
      name: 'urgent',
      size: 1,
      gpus: 4,
      runSeconds: 50,
      annotations: { [annotations.class]: 'INFERENCE' },
    }
    await createPods(stage.cluster, urgent, 1)
    await stage.pass(1)
    assert.deepEqual(await places('urgent'), ['urgent-0: gpu-1/0+1+2+3'])
    assert.deepEqual(await places(), [])
    assert.match(recordOf(await pods()).text, /Preempted/)
    await createPods(stage.cluster, four({ size: 2, named: 'again', annotations: { [annotations.class]: 'BATCH' } }), 2)
    await stage.settle()
    assert.deepEqual(await places(), [])
    await stage.pass(60)
    assert.deepEqual(await places(), ['again-0: gpu-1/0+1', 'again-1: gpu-1/2+3'])
  })

  test('gets devices by claims as a Job’s pods do', async () => {
    await start({ nodes: claimNodes('dra-1') })
    await createGpuClass(stage.cluster)
    await stage.cluster.create('ResourceClaimTemplate', claimTemplate('t', 'two', claimSpec(2)))
    await createPods(stage.cluster, { ...claiming({ template: 'two' }), name: 'train', size: 2 }, 2)
    await stage.settle()
    assert.deepEqual(await places(), ['train-0: dra-1/0+1', 'train-1: dra-1/2+3'])
  })

  test('is not one of a Job that Sluice starts, whatever its pods say', async () => {
    await start()
    await stage.submit({ name: 'job', gpus: 1, podLabels: { [labels.group]: 'train' } })
    await createPods(stage.cluster, four({ gpus: 1, size: 2 }), 1)
    await stage.settle()
    assert.lengthOf(await stage.placesOf('job'), 1)
    assert.equal((await reason())?.code, 'WaitingForPods')
  })

  test('may be made of the pods of several Jobs of another controller', async () => {
    await start({ nodes: nodes('gpu-1', 'gpu-2') })
    const owner = {
      apiVersion: 'jobset.x-k8s.io/v1alpha2',
      kind: 'JobSet',
      name: 'set',
      uid: 'set-1',
      controller: true,
    }
    for (const name of ['set-leader-0', 'set-worker-0']) {
      const job = jobOf({
        name,
        slots: 2,
        gpus: 2,
        podLabels: { [labels.group]: 'set' },
        podAnnotations: { [annotations.groupSize]: '4' },
      })
      const metadata = { ...job.metadata, ownerReferences: [owner] }
      if (job.spec !== undefined) job.spec.suspend = false
      await stage.cluster.create('Job', { ...job, metadata })
      await stage.settle()
      assert.lengthOf(await places('set'), name === 'set-worker-0' ? 4 : 0)
    }
  })
})

describe('a group that cannot be', () => {
  const cases: Record<string, { wishes: Partial<GroupWish>[]; code: string; words: RegExp }> = {
    'of unknown size': { wishes: [{ size: null }], code: 'InvalidRequest', words: /does not say how many/ },
    'of two sizes': {
      wishes: [{ size: 2 }, { size: 3 }],
      code: 'InvalidRequest',
      words: /says that it has 2 pods, and train-1/,
    },
    'of unlike pods': {
      wishes: [{ size: 2 }, { size: 2, gpus: 1 }],
      code: 'InvalidRequest',
      words: /train-0 and train-1/,
    },
    'of two queues': {
      wishes: [{ size: 2 }, { size: 2, queue: 'other' }],
      code: 'InvalidRequest',
      words: /queue and class/,
    },
    'of too many pods': { wishes: [{ size: 1 }, { size: 1 }], code: 'InvalidRequest', words: /has 2 pods/ },
    'with a field that is not honoured': {
      wishes: [{ size: 1, pod: { hostNetwork: true } }],
      code: 'UnsupportedField',
      words: /hostNetwork/,
    },
  }
  for (const [what, { wishes, code, words }] of Object.entries(cases)) {
    test(`${what} waits, and is told so`, async () => {
      await start()
      for (const [number, wish] of wishes.entries()) await stage.cluster.create('Pod', groupPod(four(wish), number))
      await stage.settle()
      const pending = await reason()
      assert.equal(pending?.code, code)
      assert.match(pending?.message ?? '', words)
      assert.deepEqual(await places(), [])
    })
  }

  test('is given places once it can: the pod too many is deleted', async () => {
    await start()
    await createPods(stage.cluster, four({ size: 1 }), 2)
    await stage.settle()
    assert.deepEqual(await places(), [])
    await deletePod('train-1')
    await stage.settle()
    assert.lengthOf(await places(), 1)
  })
})

describe('what was decided on a group', () => {
  test('is written before any Binding: the next scheduler goes on with it', async () => {
    await start({ nodes: nodes('gpu-1', 'gpu-2') })
    faults.always('bind', silence)
    await createPods(stage.cluster, four(), 4)
    await turns()
    assert.deepEqual(await places(), [])
    assert.match(recordOf(await pods()).text, /assignment/)
    await stage.restartScheduler()
    await stage.settle()
    assert.lengthOf(await places(), 4)
  })

  test('is found done where its answer was lost', async () => {
    await start({ nodes: nodes('gpu-1', 'gpu-2') })
    faults.next('patch', lostReply, 'Pod')
    await createPods(stage.cluster, four(), 4)
    await stage.settle()
    assert.lengthOf(await places(), 4)
    assert.deepEqual(used(), Array(8).fill(1000))
  })

  test('moves to another pod when the one that bears it is deleted, and a new pod takes its place', async () => {
    await start({ nodes: nodes('gpu-1', 'gpu-2') })
    await createPods(stage.cluster, four(), 4)
    await stage.settle()
    await deletePod('train-0')
    await stage.settle()
    await release(stage.cluster, await pods())
    await stage.settle()
    assert.lengthOf(await pods(), 3)
    await stage.restartScheduler()
    await stage.settle()
    assert.lengthOf(await places(), 3)
    assert.deepEqual(used(), Array(8).fill(1000))
    await createPods(stage.cluster, four({ named: 'again' }), 1)
    await stage.settle()
    assert.include(await places(), 'again-0: gpu-1/0+1')
  })

  test('leaves the places of pods that have succeeded to others, also once those are gone and the scheduler is another', async () => {
    await start()
    await stage.cluster.create('Pod', groupPod(four({ size: 2 }), 0))
    await stage.cluster.create('Pod', groupPod(four({ size: 2, runSeconds: 10 }), 1))
    await stage.pass(11)
    await stage.submit({ name: 'other', gpus: 2 })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('other'), ['gpu-1/2+3'])
    await deletePod('train-1')
    await release(stage.cluster, await pods())
    await stage.settle()
    assert.lengthOf(await pods(), 1)
    await stage.restartScheduler()
    await stage.pass(600)
    assert.deepEqual(await places(), ['train-0: gpu-1/0+1'])
    assert.deepEqual(await stage.placesOf('other'), ['gpu-1/2+3'])
  })

  test('is the same to the next scheduler', async () => {
    await start({ nodes: nodes('gpu-1', 'gpu-2') })
    await createPods(stage.cluster, four({ runSeconds: 100 }), 4)
    await createPods(stage.cluster, four({ name: 'next' }), 4)
    await stage.settle()
    await reason('next')
    const before = wholeLedgerOf(stage)
    await stage.restartScheduler()
    await stage.settle()
    assert.deepEqual(wholeLedgerOf(stage), before)
  })

  test('ends with the last of its pods; others by its name are another turn', async () => {
    await start()
    await createPods(stage.cluster, four({ size: 2, runSeconds: 10 }), 2)
    await stage.pass(11)
    assert.deepEqual(used(), [0, 0, 0, 0])
    await createPods(stage.cluster, four({ size: 2, named: 'again' }), 1)
    await stage.settle()
    assert.deepEqual(await places(), [])
    await createPods(stage.cluster, four({ size: 2, named: 'again' }), 1, 1)
    await stage.settle()
    assert.deepEqual(await places(), ['again-0: gpu-1/0+1', 'again-1: gpu-1/2+3'])
  })
})

describe('a group goes back to the queue', () => {
  test('where its node is lost before a pod of it is made anew', async () => {
    await start({ nodes: nodes('gpu-1', 'gpu-2', 'gpu-3') })
    await createPods(stage.cluster, four(), 4)
    await stage.settle()
    await stage.kubelet.failNode('gpu-1')
    await stage.pass(400)
    assert.deepEqual(await places(), [])
    assert.match(recordOf(await pods()).text, /NodeLost/)
  })

  test('where a pod was deleted between the decision and its Binding, and none came in time', async () => {
    await start({ nodes: nodes('gpu-1', 'gpu-2') })
    faults.next('patch', lostPod('train-1'), 'Pod')
    await createPods(stage.cluster, four(), 4)
    await stage.settle()
    assert.deepEqual(await places(), [])
    await stage.pass(80)
    assert.deepEqual(await places(), [])
    const { text } = recordOf(await pods())
    assert.match(text, /PodsNotCreated/)
    assert.deepEqual(used(), Array(8).fill(0))
    await createPods(stage.cluster, four({ named: 'again' }), 1)
    await stage.pass(60)
    assert.lengthOf(await places(), 4)
  })

  function lostPod(name: string) {
    return async (call: () => Promise<unknown>) => {
      const answer = await call()
      await deletePod(name)
      await release(stage.cluster, await pods())
      return answer
    }
  }
})

test('pods that lie unbound are deleted by nobody', async () => {
  await start()
  await createPods(stage.cluster, four(), 3)
  await stage.pass(600)
  assert.lengthOf(
    (await pods()).filter((pod: Pod) => pod.metadata.deletionTimestamp === undefined),
    3,
  )
})

async function turns(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
}
