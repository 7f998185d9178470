import { afterEach, assert, describe, expect, test } from 'vitest'
import type { Pod } from '../../kubernetes/objects.ts'
import { type FaultyCluster, faulty, refusedWith } from '../testkit/faults.ts'
import { type JobWish, type Stage, startStage } from '../testkit/stage.ts'

let stage: Stage
let faults: FaultyCluster
afterEach(() => stage.stop())

async function start(): Promise<void> {
  stage = await startStage({
    schedulerCluster(cluster) {
      faults = faulty(cluster)
      return faults.cluster
    },
  })
}
const trials = () => faults.calls.filter((call) => call === 'create Pod').length
/** What the kubelet plays is no matter here. */
const submit = (wish: JobWish) => stage.submit({ runSeconds: 1_000_000, ...wish })
/** As a RuntimeClass or a LimitRange would add to the pod, when it is created. */
const adds = (spec: Partial<NonNullable<Pod['spec']>>) => async (call: () => Promise<unknown>) => {
  const pod = (await call()) as Pod
  return { ...pod, spec: { ...pod.spec, ...spec } }
}
const quotaOfPods = (pods: string) =>
  stage.cluster.create('ResourceQuota', {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { namespace: 't', name: 'pods' },
    spec: { hard: { pods } },
  })
const waitSeconds = async (seconds: number) => {
  for (let passed = 0; passed < seconds; passed++) {
    stage.timers.pass(1_000)
    await stage.settle()
  }
}

describe('what a job’s pods ask for', () => {
  test('is what Kubernetes makes of the template', async () => {
    await start()
    faults.always('create', adds({ overhead: { cpu: '13' } }))
    // Of 32 cores: as the template says, three would fit.
    for (const name of ['a', 'b', 'c']) await submit({ name, cpu: '10', gpus: 1 })
    await stage.settle()
    const admitted = await Promise.all(['a', 'b', 'c'].map((name) => stage.placesOf(name)))
    assert.deepEqual(
      admitted.map(({ length }) => length),
      [1, 0, 0],
    )
    expect(await stage.reasonOf('b')).toMatchObject({
      code: 'InsufficientCapacity',
      message: expect.stringContaining('23 CPUs'),
    })
  })

  test('is found out once for all jobs whose templates are alike, and again a minute later', async () => {
    await start()
    for (let i = 0; i < 9; i++) await submit({ name: `job-${i}`, gpus: 1 })
    await stage.settle()
    assert.equal(trials(), 1)
    await waitSeconds(59)
    assert.equal(trials(), 1)
    await waitSeconds(3)
    assert.equal(trials(), 2)
  })

  test('is forgotten where nothing waits for it', async () => {
    await start()
    await submit({ gpus: 1 })
    await stage.settle()
    await waitSeconds(200)
    assert.equal(trials(), 1)
  })

  test('is as the template says where no pod can be tried', async () => {
    await start()
    faults.always('create', refusedWith('UNAVAILABLE'))
    await submit({ gpus: 1 })
    await stage.settle()
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0'])
  })

  test('is not known for a runtime class where no pod can be tried', async () => {
    await start()
    faults.always('create', refusedWith('BAD_REQUEST'))
    await submit({ gpus: 1, pod: { runtimeClassName: 'gvisor' } })
    await stage.settle()
    expect(await stage.reasonOf('job')).toMatchObject({ code: 'Misconfigured' })
    faults.always('create', adds({ overhead: { cpu: '1' } }))
    await waitSeconds(2)
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0'])
  })
})

describe('a pod that Kubernetes would refuse', () => {
  test('keeps its job waiting, with Kubernetes’ words, until it would not', async () => {
    await start()
    faults.always('create', refusedWith('FORBIDDEN'))
    await submit({ gpus: 1 })
    await stage.settle()
    expect(await stage.reasonOf('job')).toMatchObject({
      code: 'Misconfigured',
      message: 'Kubernetes would refuse its pods: refused by the test: FORBIDDEN',
    })
    assert.deepEqual(stage.scheduler.snapshot.nodes.get('gpu-1')?.usedThousandths, [0, 0, 0, 0])
    faults.always('create', (call) => call())
    await waitSeconds(2)
    assert.deepEqual(await stage.placesOf('job'), ['gpu-1/0'])
  })

  test('for a quota in use is no fault of the template', async () => {
    await start()
    await quotaOfPods('0')
    await submit({ gpus: 1 })
    await stage.settle()
    assert.isFalse((await stage.job({ namespace: 't', name: 'job' })).spec?.suspend)
  })
})

test('a gang whose pods do not come has it found out anew', async () => {
  await start()
  await quotaOfPods('1')
  await submit({ gpus: 1, slots: 2 })
  await stage.settle()
  const before = trials()
  await stage.pass(61)
  assert.isTrue((await stage.job({ namespace: 't', name: 'job' })).spec?.suspend)
  assert.equal(trials(), before + 1)
})
