import { openCaches, stopCaches, whenComplete } from '../../agent/caches.ts'
import { beginEpoch } from '../../agent/epochs.ts'
import { connectKubernetes, type KubernetesCluster } from '../../kubernetes/client/connectKubernetes.ts'
import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import { startInformer } from '../../kubernetes/informer.ts'
import { annotations, EPOCHS, METERED_FINALIZER, SCHEDULING_POLICY } from '../../kubernetes/names.ts'
import type { Job, Pod } from '../../kubernetes/objects.ts'
import { startKubelet } from '../../kubernetes/simulated/kubelet/kubelet.ts'
import type { SimulatedNode } from '../../kubernetes/simulated/kubelet/simulatedNode.ts'
import { realClock } from '../../platform/clocks.ts'
import { createLog } from '../../platform/log.ts'
import { type Scheduler, startScheduler } from '../../scheduler/live/scheduler.ts'
import type { Snapshot } from '../../scheduler/model/snapshot.ts'
import { type FaultyCluster, faulty } from '../../scheduler/testkit/faults.ts'
import { type JobWish, jobOf } from '../../scheduler/testkit/stage.ts'
import { until } from '../testkit/until.ts'
import { connectAsAgent } from './agentAccount.ts'
import type { RealControlPlane } from './realControlPlane.ts'

/** The scheduler alone, by the agent's account, on an API server of the test's own; kubelets are played. */
export interface RealScheduler {
  /** As administrator. */
  readonly cluster: KubernetesCluster
  /** What the scheduler of this term writes goes through here. */
  readonly faults: FaultyCluster
  readonly scheduler: Scheduler
  /** Of a tenant. */
  namespace(): Promise<string>
  submit(namespace: string, wish: JobWish): Promise<Job>
  podsOf(job: Job): Promise<Pod[]>
  /** Resolves when nothing of the namespace's Jobs is left, in the cluster or in the scheduler's ledger. */
  clear(namespace: string): Promise<void>
  /** Resolves when the scheduler of this term has made so many more such calls as `faulty` tells them. */
  untilCalled(call: string, more?: number): Promise<void>
  presentEpoch(): Promise<string>
  /** Resolves when so many pods of the job run, and the scheduler has seen it. */
  untilRunning(job: Job, pods: number): Promise<Pod[]>
  /** As kill -9 does: nothing more is written, nothing answered; then the next term begins. */
  restart(): Promise<void>
  /** Fails where the next scheduler, which knows only the API server, would count otherwise than this one does. */
  expectSameLedgerAfterRestart(expect: (now: unknown, before: unknown) => void): Promise<void>
  stop(): Promise<void>
}

export async function startRealScheduler(
  controlPlane: RealControlPlane,
  nodes: readonly SimulatedNode[],
): Promise<RealScheduler> {
  const kubernetes = await controlPlane.another()
  const cluster = await connectKubernetes({ kubeconfig: kubernetes.kubeconfig })
  const agents = await connectAsAgent(kubernetes)
  const clock = realClock()
  const log = createLog(process.env.SLUICE_LOG ?? 'silent')
  const kubelet = startKubelet({ cluster, clock, seed: 'real', nodes, heartbeatSeconds: 10, startupSeconds: 0, log })
  await kubelet.ready
  await cluster.create('Queue', {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'Queue',
    metadata: { name: 'default' },
    spec: { quotas: [] },
  })
  await cluster.apply('SchedulingPolicy', {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'SchedulingPolicy',
    metadata: { name: SCHEDULING_POLICY },
    spec: {
      // Longer than the Job controller waits after a pod that failed.
      gangStart: { baseSeconds: 12, podsPerSecond: 1_000 },
      requeue: { firstBackoffSeconds: 1, lastBackoffSeconds: 2, avoidNodeSeconds: 60 },
    },
  })
  const pods = startInformer(cluster, 'Pod', { log })
  pods.onChange(({ type, object }) => void (type !== 'DELETED' && meter(cluster, object)))
  let term = await beginTerm()

  async function beginTerm() {
    const epoch = await beginEpoch(agents, EPOCHS.term)
    const caches = openCaches(agents, { log })
    await whenComplete(caches)
    const faults = faulty(agents)
    const scheduler = startScheduler({
      cluster: faults.cluster,
      caches,
      clock,
      monotonicMs: () => performance.now(),
      epoch,
      log,
    })
    return { caches, faults, scheduler }
  }
  async function endTerm(): Promise<void> {
    term.scheduler.stop()
    await stopCaches(term.caches)
  }

  const real: RealScheduler = {
    cluster,
    get faults() {
      return term.faults
    },
    get scheduler() {
      return term.scheduler
    },
    namespace: () => controlPlane.namespace(cluster, { tenantId: 'tenant_real', projectId: 'project_real' }),
    submit: (namespace, wish) => cluster.create('Job', jobOf({ ...wish, namespace })),
    async podsOf({ metadata: { namespace = '', name } }) {
      const { items } = await cluster.list('Pod', { namespace, labelSelector: `batch.kubernetes.io/job-name=${name}` })
      return [...items]
    },
    async untilRunning(job, count) {
      const running = async () => (await real.podsOf(job)).filter(({ status }) => status?.phase === 'Running')
      const pods = await until(`${count} pods run`, running, (found) => found.length === count, 60_000)
      await term.scheduler.whenIdle()
      return pods
    },
    async clear(namespace) {
      for (const { metadata } of (await cluster.list('Job', { namespace })).items) {
        const { name = '' } = metadata
        await cluster.delete('Job', { namespace, name }, { propagationPolicy: 'Background' })
      }
      const left = async () => {
        const { items } = await cluster.list('Pod', { namespace })
        const { nodes: states, pending, running } = term.scheduler.snapshot
        const used = [...states.values()].flatMap(({ usedThousandths }) => usedThousandths)
        return items.length + pending.size + running.size + used.filter((each) => each > 0).length
      }
      await until('nothing is left', left, (count) => count === 0, 60_000)
    },
    async untilCalled(call, more = 1) {
      const { calls } = term.faults
      const count = () => calls.filter((each) => each === call).length
      const before = count()
      await until(
        `${call} is called ${more} times`,
        async () => count() - before,
        (made) => made >= more,
      )
    },
    async presentEpoch() {
      const { data } = await cluster.get('ConfigMap', { namespace: EPOCHS.namespace, name: EPOCHS.name })
      return data?.[EPOCHS.term] ?? ''
    },
    async restart() {
      await endTerm()
      term = await beginTerm()
      await term.scheduler.whenIdle()
    },
    async expectSameLedgerAfterRestart(expect) {
      await term.scheduler.whenIdle()
      const before = ledgerOf(term.scheduler.snapshot)
      await real.restart()
      expect(ledgerOf(term.scheduler.snapshot), before)
    },
    async stop() {
      await endTerm()
      await Promise.all([kubelet.stop(), pods.stop()])
      await Promise.all([cluster.close(), agents.close()])
      await kubernetes.stop()
    },
  }
  return real
}

/** As an agent would: what has ended, or never began, need not stay. */
async function meter(cluster: Cluster, { metadata, spec, status }: Pod): Promise<void> {
  const { namespace = '', name = '', finalizers = [], deletionTimestamp, resourceVersion } = metadata
  const hasEnded = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  const neverBegan = deletionTimestamp !== undefined && spec?.nodeName === undefined
  if (!finalizers.includes(METERED_FINALIZER) || !(hasEnded || neverBegan)) return
  const patch = [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/metadata/finalizers', value: finalizers.filter((each) => each !== METERED_FINALIZER) },
  ] as const
  await cluster.patch('Pod', { namespace, name }, patch).catch((error: unknown) => {
    // A newer version comes by the watch, or it is gone.
    if (!(error instanceof ClusterError)) throw error
  })
}

/** All that is counted, in an order of its own. */
function ledgerOf({ nodes, queues, pending, running }: Snapshot) {
  const byKey = <T>(map: ReadonlyMap<string, T>) => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    nodes: byKey(nodes).map(([name, { spec: _, ...state }]) => ({ name, ...state })),
    queues: byKey(queues).map(([name, { spec: _, ...state }]) => ({ name, ...state })),
    pending: byKey(pending).map(([key]) => key),
    running: byKey(running).map(([, job]) => ({ ...job, held: job.held.toSorted(byText) })),
  }
}

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}

/** Of 8 GPUs, small enough for tests to fill. */
export function gpuNodes(control: 'SIMULATED' | 'DRA', ...names: string[]): SimulatedNode[] {
  return names.map((name) => ({
    name,
    pool: control === 'DRA' ? 'claimed' : 'h100',
    gpuModel: 'H100',
    gpuCount: 8,
    gpuMemoryMiB: 81_559,
    cpuMilli: 96_000,
    memoryMiB: 1_048_576,
    deviceControl: control,
  }))
}

/** "node/devices" of each pod, by slot, as the scheduler wrote it. */
export function placesOf(pods: readonly Pod[]): string[] {
  const told = pods.map(({ metadata, spec }) => {
    const devices: { index: number }[] = JSON.parse(metadata.annotations?.[annotations.devices] ?? '[]')
    return `${spec?.nodeName}/${devices.map(({ index }) => index).join('+')}`
  })
  return told.sort()
}
