import { setImmediate as immediate } from 'node:timers/promises'
import { pino } from 'pino'
import { assert, describe, expect, onTestFinished, test } from 'vitest'
import { installPlatform } from '../kubernetes/installPlatform.ts'
import { annotations } from '../kubernetes/names.ts'
import { startTestCluster } from '../kubernetes/simulated/testkit.ts'
import { discreteClock } from '../platform/clocks.ts'
import { type ManualTimers, manualTimers } from '../scheduler/testkit/stage.ts'
import { type Agent, startAgent } from './agent.ts'
import { newHolder } from './election/holder.ts'
import { jobDirective, namespaceDirective, queueDirective } from './testkit/directives.ts'
import { fakeControlPlane } from './testkit/fakeControlPlane.ts'
import { type HoldingCluster, holding } from './testkit/holding.ts'

const NAMESPACE = namespaceDirective.namespace
const TIMES = { durationMs: 15_000, renewWithinMs: 10_000, renewEveryMs: 3_000, pollMs: 2_000 }
const WHOLE_NODE = { cpu: '1', memoryMiB: 64, gpu: { count: 4, share: null, memoryMiB: null, models: [] } }

interface Replica {
  agent: Agent
  timers: ManualTimers
  held: HoldingCluster
}

/** One node of 4 GPUs; agents that share it, each with clocks of its own, which stand still while it is paused. */
async function start() {
  const simulated = await startTestCluster({ clock: discreteClock(Date.UTC(2026, 0, 1)) })
  const { cluster, clock } = simulated
  await installPlatform(cluster)
  const plane = fakeControlPlane()
  const replicas: Replica[] = []
  const paused = new Set<Replica>()
  let wallOffsetMs = 0
  onTestFinished(async () => {
    const stopping = Promise.all(replicas.map(({ agent }) => agent.stop()))
    await Promise.all([stopping, until(() => false, 20).catch(() => {})])
    await simulated.stop()
  })

  /** Wall time goes by for all that are not paused, and domain time from event to event. */
  async function until(holds: () => boolean | Promise<boolean>, turns = 2_000): Promise<void> {
    for (let turn = 0; !(await holds()); turn++) {
      if (turn === turns) throw new Error('it never came true')
      for (const replica of replicas) if (!paused.has(replica)) replica.timers.pass(200)
      for (let i = 0; i < 10; i++) await immediate()
    }
  }
  const job = (name: string) => cluster.get('Job', { namespace: NAMESPACE, name })

  return {
    cluster,
    clock,
    plane,
    until,
    job,
    account: simulated.account,
    setWall(byMs: number): void {
      wallOffsetMs += byMs
    },
    pause: (replica: Replica) => void paused.add(replica),
    wake(replica: Replica): void {
      paused.delete(replica)
      replica.held.letGo()
    },
    async replica(): Promise<Replica> {
      const timers = manualTimers()
      const held = holding(cluster)
      const agent = await startAgent({
        cluster: held.cluster,
        clusterName: 'test',
        kubernetesVersion: 'v1.36.3',
        link: plane.link,
        clock,
        wall: { nowMs: () => timers.nowMs() + wallOffsetMs },
        log: pino({ level: 'silent' }),
        tellsEvents: false,
        election: {
          times: TIMES,
          requestTimeoutMs: 1_000,
          isShared: true,
          monotonicMs: () => timers.nowMs(),
          holder: newHolder(),
        },
        timers,
        random: () => 1,
      })
      const replica = { agent, timers, held }
      replicas.push(replica)
      return replica
    },
    submit(objectName: string, wish: Parameters<typeof jobDirective>[0] = {}): void {
      plane.put('tenants', { kind: 'Namespace', key: NAMESPACE, body: namespaceDirective })
      plane.put('inventory', { kind: 'Queue', key: 'default', body: queueDirective })
      const body = jobDirective({ jobId: `job_${objectName}`, objectName, resources: WHOLE_NODE, ...wish })
      plane.put('jobs', { kind: 'Job', key: body.jobId, body })
    },
    isUnsuspended: async (name: string) => (await job(name)).spec?.suspend === false,
    isBound: async (name: string) => {
      const { items } = await cluster.list('Pod', { labelSelector: `batch.kubernetes.io/job-name=${name}` })
      return items.some(({ spec }) => spec?.nodeName !== undefined)
    },
    async passAll(): Promise<void> {
      for (let next = clock.nextTimerMs(); next !== null; next = clock.nextTimerMs()) {
        clock.advanceTo(next)
        await until(() => true)
        for (let i = 0; i < 50; i++) await immediate()
      }
    },
  }
}

describe('of two agents of one cluster', () => {
  test('one leads and the other stands by, knowing the same', async () => {
    const { replica } = await start()
    const first = await replica()
    const second = await replica()
    assert.isTrue(first.agent.isLeading)
    assert.isFalse(second.agent.isLeading)
  })

  test('the other takes over at once where the first one stops, and tells under an epoch of its own', async () => {
    const { replica, submit, until, isBound, plane } = await start()
    const first = await replica()
    const second = await replica()
    submit('before')
    await until(() => isBound('before'))
    const stopping = first.agent.stop()
    await until(() => second.agent.isLeading, 40)
    await stopping
    await until(() => plane.batches('jobs').at(-1)?.epoch === 2)
    const epochs = plane.batches('jobs').map(({ epoch, number }) => `${epoch}/${number}`)
    expect(epochs).toContain('2/1')
    assert.equal(epochs.at(-1)?.startsWith('2/'), true)
  })

  test('the one that leads says why a job waits, also where its wall clock was set back by a day', async () => {
    const { replica, submit, until, isBound, cluster, setWall } = await start()
    await replica()
    submit('first')
    await until(() => isBound('first'))
    setWall(-86_400_000)
    submit('second')
    const reasonOf = async (name: string) => {
      const { items } = await cluster.list('Job', { namespace: NAMESPACE })
      return items.find(({ metadata }) => metadata.name === name)?.metadata.annotations?.[annotations.pending]
    }
    await until(async () => (await reasonOf('second')) !== undefined)
  })

  test('a leader that was paused before it admitted a job is refused, and no GPU is given twice (R05)', async () => {
    const { replica, submit, until, isUnsuspended, isBound, pause, wake, job, plane, cluster } = await start()
    const old = await replica()
    const next = await replica()
    const isCaught = old.held.holdFrom((what, name) => what === 'patch' && name === 'late')
    submit('late')
    await until(async () => (await Promise.race([isCaught, immediate('no')])) !== 'no')
    pause(old)
    submit('urgent', { class: 'INFERENCE' })
    await until(() => next.agent.isLeading)
    await until(() => isBound('urgent'))
    assert.isFalse(await isUnsuspended('late'))
    assert.isTrue(old.agent.isLeading, 'it does not know better')

    wake(old)
    await until(() => old.held.outcomes.length > 0 && !old.agent.isLeading)
    expectAllRefused(old)
    assert.isFalse(await isUnsuspended('late'))
    assert.equal((await job('urgent')).metadata.annotations?.[annotations.epoch], '2')
    assert.isTrue(next.agent.isLeading)
    expect(plane.batches('jobs').at(-1)?.epoch).toBe(2)
    expect((await cluster.get('ConfigMap', { namespace: 'sluice-system', name: 'sluice-epochs' })).data).toMatchObject({
      scheduler: '2',
    })
  })

  test('a leader that was paused before it bound a pod is refused; the next one binds it as it was assigned (R05)', async () => {
    const { replica, submit, until, isBound, pause, wake, cluster, passAll, account } = await start()
    const old = await replica()
    const next = await replica()
    const isCaught = old.held.holdFrom((what) => what === 'bind')
    submit('train')
    await until(async () => (await Promise.race([isCaught, immediate('no')])) !== 'no')
    pause(old)
    await until(() => next.agent.isLeading)
    await until(() => isBound('train'))
    wake(old)
    await until(() => old.held.outcomes.length > 0 && !old.agent.isLeading)
    expectAllRefused(old)
    const [pod] = (await cluster.list('Pod', { namespace: NAMESPACE })).items
    assert.equal(pod?.metadata.annotations?.[annotations.epoch], '2')
    await passAll()
    assert.equal(account().pods, 1)
  })
})

/** By the fence where nothing else refused them before. */
function expectAllRefused({ held }: Replica): void {
  expect(held.outcomes).toContain('FORBIDDEN')
  expect(held.outcomes).not.toContain('done')
}
