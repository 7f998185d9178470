import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { annotations } from '../../kubernetes/names.ts'
import type { Job } from '../../kubernetes/objects.ts'
import { type Fault, lostReply, refusedWith, silence } from '../../scheduler/testkit/faults.ts'
import { until } from '../testkit/until.ts'
import { onRealControlPlane } from './realControlPlane.ts'
import { gpuNodes, placesOf, type RealScheduler, startRealScheduler } from './realScheduler.ts'

/**
 * Whatever happens to the writes of a scheduler, the next one, which knows only what the API server has, counts
 * the same as this one. A paused leader is in pausedLeader.test.ts, an API server that is killed in interruptions.test.ts.
 */
onRealControlPlane((controlPlane) => {
  let real: RealScheduler
  let namespace: string
  beforeAll(async () => {
    real = await startRealScheduler(controlPlane, gpuNodes('SIMULATED', 'gpu-1', 'gpu-2'))
    namespace = await real.namespace()
  })
  afterAll(() => real?.stop())
  /** Tests share the nodes: each leaves them empty. */
  afterEach(() => real.clear(namespace))

  /** All GPUs: two pods on each node. */
  const gang = (name: string) => real.submit(namespace, { name, slots: 4, gpus: 4, runSeconds: 3_600 })
  const GANG = ['gpu-1/0+1+2+3', 'gpu-1/4+5+6+7', 'gpu-2/0+1+2+3', 'gpu-2/4+5+6+7']
  async function expectWhole(job: Job): Promise<void> {
    expect(placesOf(await real.untilRunning(job, 4))).toEqual(GANG)
    await real.expectSameLedgerAfterRestart((now, before) => expect(now).toEqual(before))
    for (const { usedThousandths } of real.scheduler.snapshot.nodes.values())
      expect(usedThousandths).toEqual(Array(8).fill(1000))
  }
  const annotationsOf = async ({ metadata: { name = '' } }: Job) =>
    (await real.cluster.get('Job', { namespace, name })).metadata.annotations ?? {}
  /** A pod that its kubelet turns away counts as a failure of its Job. */
  const again = { runSeconds: 3_600, spec: { backoffLimit: 6 } }
  async function untilEvicted(job: Job): Promise<string> {
    const told = async () => JSON.parse((await annotationsOf(job))[annotations.evicted] ?? 'null')?.reason ?? null
    return until('the job is evicted', told, (reason) => reason !== null)
  }

  const doneThenKilled: Fault = async (call) => {
    await call()
    return silence(call)
  }
  for (const [method, kind, write] of [
    ['patch', 'Job', 'an admission'],
    ['bind', 'Pod', 'a Binding'],
  ] as const) {
    describe(write, () => {
      for (const [when, fault] of [
        ['before', silence],
        ['after', doneThenKilled],
      ] as const) {
        test(`whose scheduler is killed ${when} it is gone on with by the next`, async () => {
          real.faults.next(method, fault, kind)
          const isCaught = real.untilCalled(`${method} ${kind}`)
          const job = await gang(`killed-${when}-${method}`)
          await isCaught
          await real.restart()
          await expectWhole(job)
        })
      }

      for (const [what, fault] of [
        ['whose answer is lost', lostReply],
        ['that is refused with 429', refusedWith('TOO_MANY_REQUESTS', { retryAfterSeconds: 1 })],
        ['that gets no answer', refusedWith('UNAVAILABLE')],
      ] as const) {
        test(`${what} is made good`, async () => {
          real.faults.next(method, fault, kind)
          const job = await gang(`${what.split(' ').at(-1)}-${method}`)
          await expectWhole(job)
        })
      }
    })
  }

  test('an admission that the API server refuses with 422, since the Job asks for something else now, is decided anew', async () => {
    const outcomes: unknown[] = []
    real.faults.next(
      'patch',
      async (call) => {
        const cpu = '/spec/template/spec/containers/0/resources/requests/cpu'
        await real.cluster.patch('Job', { namespace, name: 'changed' }, [{ op: 'replace', path: cpu, value: '2' }])
        return call().catch((error: unknown) => {
          outcomes.push((error as { status?: number }).status)
          throw error
        })
      },
      'Job',
    )
    await expectWhole(await gang('changed'))
    expect(outcomes).toEqual([422])
  })

  test('a Binding that the API server refuses with 409, since the pod is another version now, is made again', async () => {
    const outcomes: unknown[] = []
    real.faults.next('bind', async (call) => {
      const { items } = await real.cluster.list('Pod', { namespace })
      const note = [{ op: 'add', path: '/metadata/labels/note', value: 'mine' }] as const
      for (const { metadata } of items) await real.cluster.patch('Pod', { namespace, name: metadata.name ?? '' }, note)
      return call().catch((error: unknown) => {
        outcomes.push((error as { status?: number }).status)
        throw error
      })
    })
    await expectWhole(await gang('noted'))
    expect(outcomes).toEqual([409])
  })

  test('a pod that an administrator binds elsewhere sends its job back, and is not counted twice', async () => {
    const isCaught = real.untilCalled('bind Pod')
    real.faults.next('bind', async (call) => {
      const [pod] = (await real.cluster.list('Pod', { namespace })).items
      const { name = '', uid = '' } = pod?.metadata ?? {}
      const told = { [annotations.epoch]: await real.presentEpoch() }
      await real.cluster.bind({ namespace, pod: name, uid, node: 'gpu-2', annotations: told })
      return call()
    })
    const job = await real.submit(namespace, { name: 'placed', gpus: 8, ...again })
    await isCaught
    expect(await untilEvicted(job)).toBe('ForeignBinding')
    expect(await real.untilRunning(job, 1)).toHaveLength(1)
    await real.expectSameLedgerAfterRestart((now, before) => expect(now).toEqual(before))
  })

  test('a pod that its kubelet turns away sends its job elsewhere', async () => {
    // More than its kubelet knows of.
    const value = '192'
    await real.cluster.patch('Node', { name: 'gpu-1' }, [{ op: 'add', path: '/status/allocatable/cpu', value }], {
      subresource: 'status',
    })
    await real.cluster.patch('Node', { name: 'gpu-2' }, [{ op: 'add', path: '/spec/unschedulable', value: true }])
    const job = await real.submit(namespace, { name: 'turned-away', gpus: 8, cpu: '90', ...again })
    const small = await real.submit(namespace, { name: 'beside', cpu: '20', ...again })
    const reasons = Promise.any([untilEvicted(job), untilEvicted(small)])
    expect(await reasons).toBe('KubeletRejected')
    await real.cluster.patch('Node', { name: 'gpu-2' }, [{ op: 'remove', path: '/spec/unschedulable' }])
    await Promise.all([real.untilRunning(job, 1), real.untilRunning(small, 1)])
    await real.expectSameLedgerAfterRestart((now, before) => expect(now).toEqual(before))
    const honest = [{ op: 'add', path: '/status/allocatable/cpu', value: '96' }] as const
    await real.cluster.patch('Node', { name: 'gpu-1' }, honest, { subresource: 'status' })
  })

  test('a quota that lets half a gang be made sends it back whole, and others run meanwhile', async () => {
    const quota = { metadata: { namespace, name: 'half' }, spec: { hard: { pods: '2' } } }
    await real.cluster.create('ResourceQuota', quota)
    const enforced = () => real.cluster.get('ResourceQuota', { namespace, name: 'half' })
    await until('the quota is enforced', enforced, ({ status }) => status?.hard?.pods === '2')
    const job = await gang('half')
    expect(await untilEvicted(job)).toBe('PodsNotCreated')
    expect(placesOf((await real.podsOf(job)).filter(({ spec }) => spec?.nodeName !== undefined))).toEqual([])
    const elsewhere = await real.namespace()
    const other = await real.submit(elsewhere, { name: 'other', gpus: 8, runSeconds: 3_600 })
    await real.untilRunning(other, 1)
    await real.cluster.delete('Job', { namespace: elsewhere, name: 'other' }, { propagationPolicy: 'Background' })
    await real.cluster.delete('ResourceQuota', { namespace, name: 'half' })
    await expectWhole(job)
  })
})
