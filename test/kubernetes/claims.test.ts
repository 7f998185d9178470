import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { beginEpoch } from '../../agent/epochs.ts'
import { jsonPointer } from '../../kubernetes/cluster.ts'
import { annotations, CLAIM_FINALIZER, EPOCHS } from '../../kubernetes/names.ts'
import type { Job, Pod, ResourceClaim } from '../../kubernetes/objects.ts'
import { SIMULATED_DRIVER } from '../../kubernetes/simulated/kubelet/claimedDevices.ts'
import {
  claiming,
  claimSpec,
  claimTemplate,
  createGpuClass,
  given,
  namedClaim,
} from '../../scheduler/testkit/claims.ts'
import { type Fault, lostReply, refusedWith, silence } from '../../scheduler/testkit/faults.ts'
import { until } from '../testkit/until.ts'
import { onRealControlPlane } from './realControlPlane.ts'
import { gpuNodes, placesOf, type RealScheduler, startRealScheduler } from './realScheduler.ts'

onRealControlPlane((controlPlane) => {
  let real: RealScheduler
  let namespace: string
  beforeAll(async () => {
    real = await startRealScheduler(controlPlane, gpuNodes('DRA', 'dra-1'))
    await createGpuClass(real.cluster)
    namespace = await real.namespace()
    for (const count of [1, 2, 8])
      await real.cluster.create('ResourceClaimTemplate', claimTemplate(namespace, `gpus-${count}`, claimSpec(count)))
  })
  afterAll(() => real?.stop())
  /** Tests share the node: each leaves it empty. */
  afterEach(async () => {
    await real.clear(namespace)
    await until('all devices are given back', claims, (all) => all.flatMap(given).length === 0)
  })

  const claims = async () => (await real.cluster.list('ResourceClaim', { namespace })).items
  const used = () => real.scheduler.snapshot.nodes.get('dra-1')?.usedThousandths ?? []
  const submit = (name: string, count: number, slots = 1) =>
    real.submit(namespace, claiming({ template: `gpus-${count}` }, { name, slots, runSeconds: 3_600 }))
  async function expectHonest(job: Job, pods: Pod[]): Promise<void> {
    const own = (await claims()).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    for (const pod of pods) {
      const ofPod = own.filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === pod.metadata.uid)
      expect(ofPod.flatMap(reservedUids)).toEqual([pod.metadata.uid])
      const [node, devices = ''] = (placesOf([pod])[0] ?? '').split('/')
      expect(ofPod.flatMap(given).sort()).toEqual(devices.split('+').map((index) => `${node}/gpu-${index}`))
      expect(ofPod[0]?.metadata.finalizers).toContain(CLAIM_FINALIZER)
    }
    expect(new Set(placesOf(pods)).size).toBe(pods.length)
    expect(job.metadata.namespace).toBe(namespace)
  }

  test('a gang by a template runs on the devices that its claims were given, by the agent’s own account', async () => {
    const job = await submit('gang', 2, 4)
    const pods = await real.untilRunning(job, 4)
    expect(placesOf(pods)).toEqual(['dra-1/0+1', 'dra-1/2+3', 'dra-1/4+5', 'dra-1/6+7'])
    await expectHonest(job, pods)
    await real.expectSameLedgerAfterRestart((now, before) => expect(now).toEqual(before))
    expect(used()).toEqual(Array(8).fill(1000))
  })

  test('what is not supported waits, and says which path of which object', async () => {
    const spec = { devices: { requests: [{ name: 'any', firstAvailable: [{ name: 'a', deviceClassName: 'gpu' }] }] } }
    await real.cluster.create('ResourceClaimTemplate', claimTemplate(namespace, 'any', spec))
    await real.submit(namespace, claiming({ template: 'any' }, { name: 'refused' }))
    const told = async () => (await real.cluster.get('Job', { namespace, name: 'refused' })).metadata.annotations
    const found = await until('it says why', told, (all) => all?.[annotations.pending] !== undefined)
    expect(found?.[annotations.pending]).toContain(
      'UnsupportedClaim(ResourceClaimTemplate any: spec.spec.devices.requests[0].firstAvailable)',
    )
  })

  const doneThenKilled: Fault = async (call) => {
    await call()
    return silence(call)
  }
  const STEPS = [
    { step: 'finalizer and epoch', method: 'patch', kind: 'ResourceClaim', before: 0 },
    { step: 'allocation and reservation', method: 'patch', kind: 'ResourceClaim', before: 1 },
    { step: 'Binding', method: 'bind', kind: 'Pod', before: 0 },
  ] as const
  for (const [i, { step, method, kind, before }] of STEPS.entries()) {
    const plan = (fault: Fault) => {
      for (let each = 0; each < before; each++) real.faults.next(method, (call) => call(), kind)
      real.faults.next(method, fault, kind)
    }
    describe(`the write of ${step}`, () => {
      for (const [when, fault] of [
        ['before', silence],
        ['after', doneThenKilled],
      ] as const) {
        test(`whose scheduler is killed ${when} it is gone on with by the next`, async () => {
          plan(fault)
          const isCaught = real.untilCalled(`${method} ${kind}`, before + 1)
          const job = await submit(`killed-${when}-${i}`, 2)
          await isCaught
          await real.restart()
          await expectHonest(job, await real.untilRunning(job, 1))
          await real.expectSameLedgerAfterRestart((now, then) => expect(now).toEqual(then))
        })
      }

      for (const [what, fault] of [
        ['whose answer is lost', lostReply],
        ['that is refused with 409', refusedWith('CONFLICT')],
        ['that is refused with 429', refusedWith('TOO_MANY_REQUESTS', { retryAfterSeconds: 1 })],
      ] as const) {
        test(`${what} is made good`, async () => {
          plan(fault)
          const job = await submit(`${what.split(' ').at(-1)}-${i}`, 8)
          await expectHonest(job, await real.untilRunning(job, 1))
          await real.expectSameLedgerAfterRestart((now, then) => expect(now).toEqual(then))
        })
      }
    })
  }

  describe('a scheduler that is paused before it allocates, and wakes in a later term', () => {
    async function pausedAtAllocation(name: string) {
      const gate = Promise.withResolvers<void>()
      const outcome = Promise.withResolvers<unknown>()
      real.faults.next('patch', (call) => call(), 'ResourceClaim')
      real.faults.next(
        'patch',
        async (call) => {
          await gate.promise
          outcome.resolve(
            await call().then(
              () => 'done',
              (error: unknown) => (error as { code?: string }).code,
            ),
          )
          return silence(call)
        },
        'ResourceClaim',
      )
      const isCaught = real.untilCalled('patch ResourceClaim', 2)
      const job = await submit(name, 2)
      await isCaught
      const wake = () => {
        gate.resolve()
        return outcome.promise
      }
      return { job, wake }
    }

    /** The API server hears of the new epoch a moment later: then nobody writes in the old one on the Job either. */
    async function untilFenced({ metadata: { namespace, name = '' } }: Job): Promise<void> {
      const ref = { namespace: namespace ?? '', name }
      let tries = 0
      const path = jsonPointer('metadata', 'annotations', annotations.pending)
      const write = () =>
        real.cluster.patch('Job', ref, [{ op: 'add', path, value: String(++tries) }]).then(
          () => 'done',
          (error: unknown) => (error as { code?: string }).code,
        )
      await until('the fence stands', write, (outcome) => outcome === 'FORBIDDEN')
    }

    test('is refused by the fence where nobody has looked at the claim since', async () => {
      const { job, wake } = await pausedAtAllocation('early')
      await beginEpoch(real.cluster, EPOCHS.term)
      await untilFenced(job)
      expect(await wake()).toBe('FORBIDDEN')
      expect((await claims()).flatMap(given)).toEqual([])
      await real.restart()
      await expectHonest(job, await real.untilRunning(job, 1))
    })

    test('is refused by its own test where the next one has allocated it', async () => {
      const { job, wake } = await pausedAtAllocation('late')
      await real.restart()
      const pods = await real.untilRunning(job, 1)
      expect(await wake()).toBe('INVALID')
      await expectHonest(job, pods)
      await real.expectSameLedgerAfterRestart((now, before) => expect(now).toEqual(before))
    })
  })

  test('devices that an earlier term gave to a pod that is not bound are taken back, and those of its place given', async () => {
    real.faults.next('bind', silence)
    const isCaught = real.untilCalled('bind Pod')
    const job = await submit('moved', 2)
    await isCaught
    const [pod] = await real.podsOf(job)
    const [claim] = (await claims()).filter((each) => reservedUids(each).includes(pod?.metadata.uid ?? ''))
    if (!claim || !pod) throw new Error('its pod has a claim')
    await allocate(claim, {})
    await allocate(claim, statusOf(['gpu-6', 'gpu-7'], pod))
    await real.restart()
    const pods = await real.untilRunning(job, 1)
    expect(placesOf(pods)).toEqual(['dra-1/0+1'])
    await expectHonest(job, pods)
  })

  test('devices of somebody else’s claim are left to it, by this scheduler and the next', async () => {
    const claim = await real.cluster.create('ResourceClaim', namedClaim(namespace, 'foreign', claimSpec(7)))
    const pod = await real.cluster.create('Pod', {
      metadata: { namespace, name: 'foreign' },
      spec: {
        containers: [{ name: 'main', image: 'example.test/x:1' }],
        resourceClaims: [{ name: 'gpu', resourceClaimName: 'foreign' }],
      },
    })
    const taken = [0, 1, 2, 4, 5, 6, 7].map((index) => `gpu-${index}`)
    await real.cluster.patch('ResourceClaim', refOf(claim), [
      { op: 'add', path: '/metadata/annotations', value: { [annotations.epoch]: await real.presentEpoch() } },
      { op: 'add', path: '/metadata/finalizers', value: [CLAIM_FINALIZER] },
    ])
    await allocate(claim, statusOf(taken, pod))
    await until(
      'the scheduler knows',
      async () => used(),
      (all) => all.filter((each) => each === 1000).length === 7,
    )
    const small = await submit('beside', 1)
    expect(placesOf(await real.untilRunning(small, 1))).toEqual(['dra-1/3'])
    await submit('waits', 2)
    await until(
      'it waits',
      async () => real.scheduler.snapshot.pending.size,
      (jobs) => jobs === 1,
    )
    await real.expectSameLedgerAfterRestart((now, before) => expect(now).toEqual(before))
    expect(used()).toEqual(Array(8).fill(1000))
    await real.cluster.patch('Pod', refOf(pod), [{ op: 'add', path: '/status/phase', value: 'Failed' }], {
      subresource: 'status',
    })
    const waits = await real.cluster.get('Job', { namespace, name: 'waits' })
    expect(placesOf(await real.untilRunning(waits, 1))).toEqual(['dra-1/0+1'])
    await real.cluster.delete('Pod', refOf(pod), { gracePeriodSeconds: 0 })
  })

  async function allocate(claim: ResourceClaim, value: object): Promise<void> {
    await real.cluster.patch('ResourceClaim', refOf(claim), [{ op: 'add', path: '/status', value }], {
      subresource: 'status',
    })
  }
})

function reservedUids({ status }: ResourceClaim): string[] {
  return (status?.reservedFor ?? []).map(({ uid }) => uid)
}

function statusOf(devices: string[], { metadata: { name, uid } }: Pod): object {
  const results = devices.map((device) => ({ request: 'gpu', driver: SIMULATED_DRIVER, pool: 'dra-1', device }))
  return { allocation: { devices: { results } }, reservedFor: [{ resource: 'pods', name, uid }] }
}

function refOf({ metadata }: Pod | ResourceClaim): { namespace: string; name: string } {
  return { namespace: metadata.namespace ?? '', name: metadata.name ?? '' }
}
