import { setImmediate as immediate } from 'node:timers/promises'
import { pino } from 'pino'
import { assert, describe, expect, onTestFinished, test } from 'vitest'
import { installPlatform } from '../kubernetes/installPlatform.ts'
import { METERED_FINALIZER } from '../kubernetes/names.ts'
import { renderJob } from '../kubernetes/render/renderJob.ts'
import { renderQueue } from '../kubernetes/render/renderQueue.ts'
import { startTestCluster } from '../kubernetes/simulated/testkit.ts'
import { wallClock } from '../platform/clocks.ts'
import type { Observation, SubgraphName } from '../platform/link/protocol.ts'
import { type Agent, startAgent } from './agent.ts'
import { LinkError } from './link/link.ts'
import { ALONE } from './terms.ts'
import { jobDirective, namespaceDirective, queueDirective } from './testkit/directives.ts'
import { CLUSTER_ID, type FakeControlPlane, fakeControlPlane } from './testkit/fakeControlPlane.ts'
import { promptTimers } from './testkit/promptTimers.ts'

const NAMESPACE = namespaceDirective.namespace

/** A simulated cluster, a control plane in memory, and agents between them that come and go. */
async function start() {
  const { cluster, clock, whenIdle, account, stop } = await startTestCluster({ startupSeconds: 2 })
  await installPlatform(cluster)
  const plane = fakeControlPlane()
  const agents: Agent[] = []
  onTestFinished(async () => {
    await Promise.all(agents.map((agent) => agent.stop()))
    await stop()
  })
  const stage = {
    cluster,
    clock,
    plane,
    account,
    whenIdle,
    async startAgent(): Promise<Agent> {
      const agent = await startAgent({
        cluster,
        clusterName: 'test',
        kubernetesVersion: 'v1.36.3',
        link: plane.link,
        clock,
        wall: wallClock,
        tellsEvents: false,
        log: pino({ level: 'silent' }),
        election: ALONE,
        timers: promptTimers(),
        random: () => 1,
      })
      agents.push(agent)
      return agent
    },
    async stopAgent(): Promise<void> {
      await agents.pop()?.stop()
    },
    /** All directives are applied, all is decided, and all but `backlog` records are told. */
    quiet: (backlog = 0) =>
      (agents.at(-1) as Agent).whenQuiet({ through: plane.heads(), whenClusterIdle: whenIdle, backlog }),
    async pass(seconds: number, backlog = 0): Promise<void> {
      const endMs = clock.nowMs() + seconds * 1_000
      await stage.quiet(backlog)
      for (let next = clock.nextTimerMs(); next !== null && next <= endMs; next = clock.nextTimerMs()) {
        clock.advanceTo(next)
        await stage.quiet(backlog)
      }
      clock.advanceTo(endMs)
      await stage.quiet(backlog)
    },
    /** The job of the API, with the namespace and the queue that it needs; the job is published first. */
    submit(wish: Parameters<typeof jobDirective>[0] = {}): void {
      plane.put('jobs', { kind: 'Job', key: 'job_1', body: jobDirective(wish) })
      plane.put('tenants', { kind: 'Namespace', key: NAMESPACE, body: namespaceDirective })
      plane.put('inventory', { kind: 'Queue', key: 'default', body: queueDirective })
    },
    jobs: async () => (await cluster.list('Job', { namespace: NAMESPACE })).items,
    pods: async () => (await cluster.list('Pod', { namespace: NAMESPACE })).items,
  }
  return stage
}

const TRAIN = { namespace: NAMESPACE, name: 'train-1' }

/** As the jobs subgraph does: a job whose object is gone is not wanted any more. */
function withdrawWhatIsGone(plane: FakeControlPlane): void {
  const known = new Set<string>()
  plane.observing = async (subgraph, batch, deliver) => {
    const answer = deliver()
    if (subgraph !== 'jobs') return answer
    const mentioned = batch.records.flatMap((record) => (record.kind === 'job' ? [record.uid] : []))
    const isResync = batch.records.some(({ kind }) => kind === 'resyncEnd')
    const isGone = isResync && [...known].some((uid) => !mentioned.includes(uid))
    for (const uid of mentioned) known.add(uid)
    if (isGone) plane.put('jobs', { kind: 'Job', key: 'job_1', body: null })
    return answer
  }
}

const isEnd = (record: Observation) => record.kind === 'pod' && record.finishedAt !== null
/** States of the job as they followed one another; how long it waits is up to the turns of the event loop. */
const statesOf = (plane: FakeControlPlane) => {
  const states = plane.records('jobs').flatMap((record) => (record.kind === 'job' ? [record.state] : []))
  return states.filter((state, index) => state !== 'PENDING' && state !== states[index - 1])
}
const ascending = (seqs: readonly number[]) => [...new Set(seqs)].sort((a, b) => a - b)
const podUids = (plane: FakeControlPlane, subgraph: SubgraphName) =>
  new Set(plane.records(subgraph).flatMap((record) => (record.kind === 'pod' ? [record.uid] : [])))

describe('a job of the API', () => {
  test('is made, placed and run, and told in the order in which it happened', async () => {
    const { plane, cluster, submit, startAgent, pass } = await start()
    submit({ replicas: 2, resources: { cpu: '1', memoryMiB: 64, gpu: { ...ONE_GPU, count: 2 } } })
    const agent = await startAgent()
    assert.equal(await agent.clusterId, CLUSTER_ID)
    await pass(60)
    assert.deepEqual(statesOf(plane), ['ADMITTED', 'RUNNING', 'SUCCEEDED'])
    const seqs = plane.records('jobs').map(({ seq }) => seq)
    assert.deepEqual(seqs, ascending(seqs))
    const ends = plane.records('metering').filter(isEnd)
    assert.equal(ends.length, 2)
    expect(ends[0]).toMatchObject({
      tenantId: 'tenant_acme',
      projectId: 'project_research',
      jobId: 'job_1',
      admittedAt: '2026-01-01T00:00:00Z',
      finishedAt: '2026-01-01T00:00:32Z',
      devices: [{ identity: 'ASSIGNED' }, { identity: 'ASSIGNED' }],
    })
    assert.equal((await cluster.get('Job', TRAIN)).status?.succeeded, 2)
  })

  test.each(['metering', 'jobs'])('keeps its ended pod until %s has acknowledged the end', async (keeper) => {
    const { plane, submit, startAgent, pass, pods, quiet } = await start()
    const held = Promise.withResolvers<void>()
    const arrived = Promise.withResolvers<void>()
    plane.observing = async (subgraph, batch, deliver) => {
      if (subgraph === keeper && batch.records.some(isEnd)) {
        arrived.resolve()
        await held.promise
      }
      return deliver()
    }
    submit()
    await startAgent()
    await pass(60, 100)
    await arrived.promise
    plane.put('jobs', { kind: 'Job', key: 'job_1', body: null })
    await quiet(100)
    const finalizers = (await pods()).map(({ metadata }) => metadata.finalizers)
    assert.deepEqual(finalizers, [[METERED_FINALIZER]])
    held.resolve()
    await quiet()
    assert.isEmpty(await pods())
    expect(plane.records('metering').at(-1)).toMatchObject({ kind: 'podGone' })
  })

  test('that the cluster refuses as it is, is told with its words, by the next agent too, until it is cancelled', async () => {
    const { plane, submit, startAgent, stopAgent, quiet } = await start()
    const refusals = () => plane.records('jobs').filter(({ kind }) => kind === 'jobRefused')
    submit({ objectName: 'No Name' })
    await startAgent()
    await quiet()
    expect(refusals()).toMatchObject([{ jobId: 'job_1', message: expect.stringContaining('metadata.name') }])
    await stopAgent()
    await startAgent()
    await quiet()
    assert.equal(refusals().length, 2)
    plane.put('jobs', { kind: 'Job', key: 'job_1', body: null })
    await quiet()
    assert.equal(refusals().length, 2)
  })

  test('is deleted with its pods when it is cancelled', async () => {
    const { plane, submit, startAgent, pass, jobs, pods } = await start()
    submit({ runSeconds: 100_000 })
    await startAgent()
    await pass(10)
    plane.put('jobs', { kind: 'Job', key: 'job_1', body: null })
    await pass(120)
    assert.isEmpty(await jobs())
    assert.isEmpty(await pods())
    assert.equal(plane.records('metering').filter(isEnd).length, 1)
  })
})

const ONE_GPU = { count: 1, share: null, memoryMiB: null, models: [] }

describe('an agent that starts anew', () => {
  test('tells everything again under a higher epoch, and makes nothing twice', async () => {
    const { plane, submit, startAgent, stopAgent, pass, jobs, account } = await start()
    submit()
    await startAgent()
    await pass(10)
    await stopAgent()
    const before = plane.batches('jobs').length
    await startAgent()
    await pass(60)
    const [first] = plane.batches('jobs').slice(before)
    expect(first).toMatchObject({ epoch: 2, number: 1 })
    expect(first?.records.map(({ kind }) => kind)).toContain('resyncEnd')
    assert.deepEqual(statesOf(plane), ['ADMITTED', 'RUNNING', 'SUCCEEDED'])
    assert.equal(podUids(plane, 'metering').size, 1)
    assert.equal((await jobs()).length, 1)
    assert.equal(account().pods, 1)
  })

  test('finds what happened while there was none', async () => {
    const { plane, submit, startAgent, stopAgent, pass, quiet, clock, whenIdle, pods } = await start()
    submit()
    await startAgent()
    await pass(10)
    await stopAgent()
    for (let next = clock.nextTimerMs(); next !== null; next = clock.nextTimerMs()) {
      clock.advanceTo(next)
      await whenIdle()
    }
    await startAgent()
    await quiet()
    expect(plane.records('metering').filter(isEnd)).toMatchObject([{ finishedAt: '2026-01-01T00:00:32Z' }])
    assert.equal(statesOf(plane).at(-1), 'SUCCEEDED')
    assert.notInclude((await pods())[0]?.metadata.finalizers ?? [], METERED_FINALIZER)
  })

  test('does not create again a Job that was deleted meanwhile, whose directive still stands', async () => {
    const { plane, cluster, submit, startAgent, stopAgent, pass, jobs, whenIdle } = await start()
    withdrawWhatIsGone(plane)
    submit({ runSeconds: 100_000 })
    await startAgent()
    await pass(10)
    await stopAgent()
    await cluster.delete('Job', TRAIN, { propagationPolicy: 'Background' })
    await whenIdle()
    await startAgent()
    await pass(60)
    assert.isEmpty(await jobs())
    const uids = plane.records('jobs').flatMap((record) => (record.kind === 'job' ? [record.uid] : []))
    assert.equal(new Set(uids).size, 1)
  })
})

describe('a way to the control plane that fails', () => {
  test('after a batch has come through applies nothing twice and loses nothing', async () => {
    const { plane, submit, startAgent, pass } = await start()
    let calls = 0
    plane.observing = async (_subgraph, _batch, deliver) => {
      const answer = deliver()
      if (++calls % 2 === 1) throw new LinkError('the answer was lost')
      return answer
    }
    submit()
    await startAgent()
    await pass(60)
    for (const subgraph of ['inventory', 'jobs', 'metering'] as const) {
      // What rides along has no place in the order.
      const seqs = plane.records(subgraph).flatMap(({ kind, seq }) => (kind === 'snapshot' ? [] : [seq]))
      assert.deepEqual(seqs, ascending(seqs))
    }
    assert.deepEqual(statesOf(plane), ['ADMITTED', 'RUNNING', 'SUCCEEDED'])
    assert.equal(plane.records('metering').filter(isEnd).length, 1)
  })

  test('because the gateway has started anew is greeted again', async () => {
    const { plane, submit, startAgent, pass } = await start()
    submit()
    await startAgent()
    await pass(10)
    plane.forgetHello()
    await pass(60)
    assert.equal(statesOf(plane).at(-1), 'SUCCEEDED')
    assert.equal(plane.calls.filter((call) => call === 'hello').length, 2)
  })

  test('from the start does not keep the cluster from being scheduled, nor the agent from stopping', async () => {
    const { cluster, plane, startAgent, stopAgent, whenIdle } = await start()
    plane.greeting = (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new LinkError('aborted'))))
    await cluster.apply('Queue', renderQueue(queueDirective))
    await cluster.apply('Job', renderJob(jobDirective({ namespace: 't' })))
    await startAgent()
    const isBound = async () => (await cluster.list('Pod', { namespace: 't' })).items.some(({ spec }) => spec?.nodeName)
    while (!(await isBound())) {
      await whenIdle()
      await immediate()
    }
    await stopAgent()
  })
})

test('a hello that is answered only when the agent stops begins nothing that goes on', async () => {
  const { plane, startAgent, stopAgent } = await start()
  plane.greeting = (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
  await startAgent()
  await stopAgent()
  plane.put('inventory', { kind: 'Queue', key: 'default', body: queueDirective })
  const calls = plane.calls.length
  await immediate()
  assert.equal(plane.calls.length, calls)
})

test('an agent stops while requests are being held, and whoever waits for quiet waits no longer', async () => {
  const { plane, startAgent, stopAgent, quiet } = await start()
  await startAgent()
  await quiet()
  plane.observing = () => new Promise(() => {})
  const agentIsHeard = plane.until(() => plane.calls.at(-1)?.startsWith('observe') === true)
  plane.put('inventory', { kind: 'Queue', key: 'default', body: queueDirective })
  await agentIsHeard
  const waiting = quiet()
  await stopAgent()
  await waiting
})
