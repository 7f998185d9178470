import { pino } from 'pino'
import { assert, describe, expect, onTestFinished, test } from 'vitest'
import { annotations, labels } from '../../kubernetes/names.ts'
import type { Queue } from '../../kubernetes/objects.ts'
import { startTestCluster, testJob, UNSUSPEND } from '../../kubernetes/simulated/testkit.ts'
import type { Observation, SubgraphName } from '../../platform/link/protocol.ts'
import { startCaches, stopCaches } from '../caches.ts'
import { startObserver } from './observer.ts'

const OWN_NAMESPACE = { [labels.tenant]: 'tenant_acme', [labels.project]: 'project_research' }

/** An observer on a simulated cluster whose namespace `t` is a tenant's, and what it tells each subgraph. */
async function start({ isOwned = true } = {}) {
  const simulated = await startTestCluster()
  const { cluster } = simulated
  const log = pino({ level: 'silent' })
  const own = (ownLabels: Record<string, string>) =>
    cluster.apply('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 't', labels: ownLabels } })
  if (isOwned) await own(OWN_NAMESPACE)
  const caches = await startCaches(cluster, log)
  const told: Record<'inventory' | 'jobs' | 'metering', Observation[]> = { inventory: [], jobs: [], metering: [] }
  const outboxes = new Map(
    (['inventory', 'jobs', 'metering'] as const).map((name) => [
      name as SubgraphName,
      { add: (record: Observation) => void told[name].push(record) },
    ]),
  )
  let progress = Promise.withResolvers<void>()
  const onProgress = () => {
    progress.resolve()
    progress = Promise.withResolvers()
  }
  const observer = startObserver({ caches, outboxes, now: () => new Date(simulated.clock.nowMs()), log, onProgress })
  onTestFinished(async () => {
    observer.stop()
    await stopCaches(caches)
    await simulated.stop()
  })
  async function settle(): Promise<void> {
    await simulated.settle()
    if (observer.isBehind) await progress.promise
  }
  return {
    ...simulated,
    settle,
    told,
    observer,
    own,
    /** What was told of these kinds since it was asked last. */
    news(subgraph: keyof typeof told, ...kinds: Observation['kind'][]): Observation[] {
      const all = told[subgraph].splice(0)
      return kinds.length === 0 ? all : all.filter(({ kind }) => kinds.includes(kind))
    },
    /** A Job that the scheduler would have admitted, and its pods. */
    async admit(wish?: Parameters<typeof testJob>[0]) {
      await cluster.create('Job', testJob(wish))
      await cluster.patch('Job', { namespace: 't', name: 'job' }, UNSUSPEND)
      await settle()
      return simulated.pods()
    },
    annotate: (kind: 'Job' | 'Pod', name: string, path: string, value: string) =>
      cluster.patch(kind, { namespace: 't', name }, [
        { op: 'add', path: `/metadata/annotations/${path.replaceAll('/', '~1')}`, value },
      ]),
  }
}

const steps = (records: readonly Observation[]) =>
  records.map((record) => {
    if (record.kind === 'job') return `job ${record.state}`
    if (record.kind === 'pod') return `pod ${record.phase}${record.finishedAt ? ' ended' : record.node ? ' bound' : ''}`
    return record.kind
  })
const times = (count: number, text: string) => Array.from({ length: count }, () => text)

describe('an observer', () => {
  test('tells nothing before the first resync, then everything that each subgraph takes, and that this was all', async () => {
    const { admit, observer, news } = await start()
    await admit()
    assert.deepEqual(news('jobs'), [])
    observer.resync()
    assert.deepEqual(steps(news('jobs')), ['pod Pending', 'job ADMITTED', 'resyncEnd'])
    assert.deepEqual(steps(news('metering')), ['pod Pending', 'resyncEnd'])
    assert.deepEqual(steps(news('inventory')), ['node', 'pod Pending', 'resyncEnd'])
  })

  test('tells each change once, a pod before the state of its Job that follows from it', async () => {
    const { admit, settle, pass, bind, observer, news } = await start()
    observer.resync()
    news('jobs')
    const spec = { parallelism: 2, completions: 2 }
    const [first, second] = await admit({ env: { SIM_RUN_SECONDS: '5' }, spec })
    assert(first && second)
    assert.deepEqual(steps(news('jobs')), [...times(2, 'pod Pending'), 'job ADMITTED'])
    await bind(first, 'gpu-1')
    await settle()
    assert.deepEqual(steps(news('jobs')), ['pod Pending bound', 'pod Running bound'])
    await bind(second, 'gpu-1')
    await settle()
    assert.deepEqual(steps(news('jobs')), ['pod Pending bound', 'pod Running bound', 'job RUNNING'])
    await pass(10)
    await settle()
    assert.deepEqual(steps(news('jobs')), [...times(2, 'pod Succeeded ended'), 'job SUCCEEDED'])
  })

  test('tells that a Job runs as soon as its pods say so, whatever its own status says', async () => {
    const { cluster, admit, settle, observer, news } = await start()
    const [pod] = await admit()
    assert(pod?.metadata.name)
    observer.resync()
    news('jobs')
    const started = [{ name: 'main', state: { running: { startedAt: '2026-01-01T00:00:00Z' } } }]
    const status = [{ op: 'add', path: '/status/containerStatuses', value: started }] as const
    await cluster.patch('Pod', { namespace: 't', name: pod.metadata.name }, status, { subresource: 'status' })
    await settle()
    assert.deepEqual(steps(news('jobs')), ['pod Pending', 'job RUNNING'])
  })

  test('numbers records in the order of the cluster, one number for all subgraphs', async () => {
    const { admit, observer, told } = await start()
    observer.resync()
    await admit()
    for (const records of Object.values(told)) {
      const seqs = records.map(({ seq }) => seq)
      assert.deepEqual(
        seqs,
        [...new Set(seqs)].sort((a, b) => a - b),
      )
    }
    const podSeqs = Object.values(told).map((records) => records.find(({ kind }) => kind === 'pod')?.seq)
    assert.equal(new Set(podSeqs).size, 1)
  })

  test('does not tell what changes nothing in the record', async () => {
    const { cluster, settle, observer, news } = await start()
    await cluster.create('Job', testJob())
    observer.resync()
    await settle()
    news('jobs')
    await cluster.patch('Job', { namespace: 't', name: 'job' }, [
      { op: 'add', path: '/metadata/annotations/note', value: 'mine' },
    ])
    await settle()
    assert.deepEqual(news('jobs'), [])
  })

  test('tells what is gone, with the time at which that was seen', async () => {
    const { cluster, admit, settle, pass, observer, news } = await start()
    const [pod] = await admit()
    assert(pod?.metadata.name)
    const unmetered = [{ op: 'remove', path: '/metadata/finalizers' }] as const
    await cluster.patch('Pod', { namespace: 't', name: pod.metadata.name }, unmetered)
    observer.resync()
    news('jobs')
    await pass(7)
    await cluster.delete('Job', { namespace: 't', name: 'job' }, { propagationPolicy: 'Background' })
    await settle()
    const gone = news('jobs', 'jobGone', 'podGone')
    assert.deepEqual(steps(gone).sort(), ['jobGone', 'podGone'])
    expect(gone).toContainEqual(
      expect.objectContaining({ uid: pod.metadata.uid, namespace: 't', at: '2026-01-01T00:00:07.000Z' }),
    )
  })

  test('tells in a resync everything that is there now, told before or not', async () => {
    const { admit, observer, news } = await start()
    await admit()
    observer.resync()
    const first = steps(news('jobs'))
    observer.resync()
    assert.deepEqual(steps(news('jobs')), first)
  })
})

describe('whose something is', () => {
  test('follows from its namespace: nothing in one that is no tenant’s is told', async () => {
    const { cluster, settle, observer, news } = await start({ isOwned: false })
    await cluster.create('Job', { ...testJob(), metadata: { namespace: 't', name: 'job', labels: OWN_NAMESPACE } })
    await settle()
    observer.resync()
    assert.deepEqual(steps(news('jobs')), ['resyncEnd'])
    assert.deepEqual(steps(news('metering')), ['resyncEnd'])
  })

  test('is told of all in it as soon as it becomes a tenant’s, and is gone when it is no longer', async () => {
    const { admit, settle, observer, own, news } = await start({ isOwned: false })
    await admit()
    observer.resync()
    news('jobs')
    await own(OWN_NAMESPACE)
    await settle()
    const told = news('jobs')
    assert.deepEqual(steps(told), ['pod Pending', 'job ADMITTED'])
    expect(told).toMatchObject(times(2, '').map(() => ({ tenantId: 'tenant_acme', projectId: 'project_research' })))
    await own({})
    await settle()
    assert.deepEqual(steps(news('jobs')).sort(), ['jobGone', 'podGone'])
  })
})

describe('what a tenant writes on a bound pod', () => {
  test('changes nothing that is told of its devices', async () => {
    const { admit, settle, bind, annotate, observer, news, told } = await start()
    observer.resync()
    const [pod] = await admit({ gpus: 1 })
    assert(pod?.metadata.name)
    await bind(pod, 'gpu-1', [2])
    await settle()
    const before = told.metering.filter(({ kind }) => kind === 'pod').at(-1)
    expect(before).toMatchObject({ devices: [{ index: 2, identity: 'ASSIGNED' }] })
    news('metering')
    await annotate('Pod', pod.metadata.name, annotations.devices, '[]')
    await annotate('Pod', pod.metadata.name, annotations.admittedAt, '2001-01-01T00:00:00Z')
    await settle()
    assert.deepEqual(news('metering'), [])
    observer.resync()
    expect(news('metering', 'pod')).toMatchObject([{ devices: [{ index: 2 }] }])
  })
})

describe('nodes and queues', () => {
  const numbers = { pending: 2, admitted: 1, usedGpus: '4', pendingGpus: '8' }
  const queue: Queue = {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'Queue',
    metadata: { name: 'default' },
    spec: { quotas: [] },
  }

  test('a node is told to inventory alone, and when it is gone', async () => {
    const { cluster, settle, observer, told, news } = await start()
    observer.resync()
    assert.isEmpty([...told.jobs, ...told.metering].filter(({ kind }) => kind === 'node'))
    news('inventory')
    await cluster.delete('Node', { name: 'gpu-1' })
    await settle()
    expect(news('inventory', 'nodeGone')).toMatchObject([{ name: 'gpu-1' }])
  })

  test('a queue is told once the scheduler has counted it, and has nothing in it when it is gone', async () => {
    const { cluster, settle, observer, news } = await start()
    observer.resync()
    await cluster.apply('Queue', queue)
    await settle()
    assert.deepEqual(news('inventory', 'queue'), [])
    const status = [{ op: 'add', path: '/status', value: numbers }] as const
    await cluster.patch('Queue', { name: 'default' }, status, { subresource: 'status' })
    await settle()
    expect(news('inventory', 'queue')).toMatchObject([{ name: 'default', ...numbers }])
    await cluster.delete('Queue', { name: 'default' })
    await settle()
    expect(news('inventory', 'queue')).toMatchObject([{ name: 'default', pending: 0, usedGpus: '0' }])
  })
})
