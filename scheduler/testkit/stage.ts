import { setImmediate as immediate } from 'node:timers/promises'
import { pino } from 'pino'
import type { Cluster } from '../../kubernetes/cluster.ts'
import { type Informer, startInformer } from '../../kubernetes/informer.ts'
import { annotations, GPU_RESOURCE, labels } from '../../kubernetes/names.ts'
import type { Job, Kind, Pod, Queue } from '../../kubernetes/objects.ts'
import type { SimulatedNode } from '../../kubernetes/simulated/kubelet/simulatedNode.ts'
import { gpuNode, startTestCluster, type TestCluster } from '../../kubernetes/simulated/testkit.ts'
import type { Timers } from '../../platform/timers.ts'
import { type Scheduler, type SchedulerCaches, startScheduler } from '../live/scheduler.ts'
import { type FaultyCluster, faulty } from './faults.ts'

type JobSpec = NonNullable<Job['spec']>
type PodSpec = JobSpec['template']['spec']

export interface JobWish {
  name?: string
  namespace?: string
  queue?: string
  slots?: number
  gpus?: number
  /** Decimal of one device. */
  share?: string
  cpu?: string
  /** What the simulated kubelet plays; default: for ever. */
  runSeconds?: number
  exitCode?: number
  /** From when it is told to end until it has; default: at once. */
  stopSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  /** Of the pod template. */
  podAnnotations?: Record<string, string>
  podLabels?: Record<string, string>
  spec?: Partial<JobSpec>
  pod?: Partial<NonNullable<PodSpec>>
}

/** A simulated cluster with a scheduler on it, and time and faults in the test's hands. */
export interface Stage extends TestCluster {
  readonly scheduler: Scheduler
  /** Of the scheduler's wall clock; domain time is `clock`. */
  readonly timers: ManualTimers
  /** Creates the Job as admission policies make it: suspended. */
  submit(wish?: JobWish): Promise<Job>
  queue(name: string, spec?: Partial<Queue['spec']>): Promise<void>
  /** Where each pod of the Job runs, as "node/devices", by slot. */
  placesOf(name: string): Promise<string[]>
  reasonOf(name: string): Promise<{ code: string; message: string; fix: string; since: string } | null>
  /** Ends the scheduler as a kill would, and starts another of the next epoch. */
  restartScheduler(cluster?: Cluster): Promise<void>
}

interface StageOptions {
  nodes?: readonly SimulatedNode[]
  queues?: readonly string[]
  schedulerCluster?: (cluster: Cluster) => Cluster
}

export async function startStage(options: StageOptions = {}): Promise<Stage> {
  const simulated = await startTestCluster({ nodes: options.nodes ?? [gpuNode] })
  const { cluster, clock } = simulated
  const timers = manualTimers()
  const seenBy = options.schedulerCluster ?? ((same: Cluster) => same)
  let epoch = 1
  let running = start(seenBy(cluster))
  for (const name of options.queues ?? ['default']) await createQueue(cluster, name, {})

  function start(schedulersCluster: Cluster) {
    const log = pino({ level: 'silent' })
    const inform = <K extends Kind>(kind: K): Informer<K> => startInformer(cluster, kind, { log })
    const caches: SchedulerCaches = {
      jobs: inform('Job'),
      pods: inform('Pod'),
      nodes: inform('Node'),
      queues: inform('Queue'),
      policies: inform('SchedulingPolicy'),
      namespaces: inform('Namespace'),
      budgets: inform('PodDisruptionBudget'),
      volumeClaims: inform('PersistentVolumeClaim'),
      volumes: inform('PersistentVolume'),
      storageClasses: inform('StorageClass'),
      claims: inform('ResourceClaim'),
      claimTemplates: inform('ResourceClaimTemplate'),
      slices: inform('ResourceSlice'),
      classes: inform('DeviceClass'),
    }
    const scheduler = startScheduler({
      cluster: schedulersCluster,
      caches,
      clock,
      monotonicMs: () => timers.nowMs(),
      timers,
      epoch,
      log,
      random: () => 1,
    })
    return { scheduler, caches }
  }

  async function stopRunning(): Promise<void> {
    running.scheduler.stop()
    await Promise.all(Object.values(running.caches).map((cache) => cache.stop()))
  }

  const stage: Stage = {
    ...simulated,
    timers,
    get scheduler() {
      return running.scheduler
    },
    async settle() {
      for (let turns = 1; ; turns++) {
        await simulated.settle()
        await immediate()
        if (simulated.idle() && running.scheduler.idle()) return
        // Nothing goes on by itself: the scheduler waits wall time for another attempt at a write.
        if (turns % 20 === 0) timers.pass(1_000)
        if (turns > 20_000) throw new Error('the scheduler does not come to rest')
      }
    },
    async pass(seconds) {
      const endMs = clock.nowMs() + seconds * 1000
      await stage.settle()
      for (let next = clock.nextTimerMs(); next !== null && next <= endMs; next = clock.nextTimerMs()) {
        clock.advanceTo(next)
        await stage.settle()
      }
      clock.advanceTo(endMs)
      await stage.settle()
    },
    submit: (wish = {}) => cluster.create('Job', jobOf(wish)),
    queue: (name, spec = {}) => createQueue(cluster, name, spec),
    async placesOf(name) {
      const pods = (await podsOf(cluster, name)).filter(runsSomewhere)
      return pods.sort((a, b) => slotOf(a) - slotOf(b)).map((pod) => `${pod.spec?.nodeName}/${devicesOf(pod)}`)
    },
    async reasonOf(name) {
      timers.pass(100)
      await stage.settle()
      const { metadata } = await cluster.get('Job', { namespace: 't', name })
      return JSON.parse(metadata.annotations?.[annotations.pending] ?? 'null')
    },
    async restartScheduler(schedulersCluster = cluster) {
      await stopRunning()
      epoch += 1
      running = start(schedulersCluster)
    },
    async stop() {
      await stopRunning()
      await simulated.stop()
    },
  }
  await stage.settle()
  return stage
}

/** A stage whose scheduler's requests go wrong as `faults` says. */
export async function faultyStage(
  options: Omit<StageOptions, 'schedulerCluster'> = {},
): Promise<{ stage: Stage; faults: FaultyCluster }> {
  const made = Promise.withResolvers<FaultyCluster>()
  const stage = await startStage({
    ...options,
    schedulerCluster(cluster) {
      const faults = faulty(cluster)
      made.resolve(faults)
      return faults.cluster
    },
  })
  return { stage, faults: await made.promise }
}

/** What plans are made from, as far as it can be compared. */
export function ledgerOf({ scheduler: { snapshot } }: Stage) {
  const byName = <T extends { spec: { name: string } }>(states: ReadonlyMap<string, T>) =>
    [...states.values()].toSorted((a, b) => (a.spec.name < b.spec.name ? -1 : 1))
  return {
    nodes: byName(snapshot.nodes),
    queues: byName(snapshot.queues),
    pending: [...snapshot.pending.keys()].toSorted(),
  }
}

export interface ManualTimers extends Timers {
  nowMs(): number
  /** Lets wall time go by: timers run in order of time. */
  pass(ms: number): void
  /** Time goes by, but what is due runs only with the next `pass`. */
  sleep(ms: number): void
}

export function manualTimers(): ManualTimers {
  let now = 1_000_000
  const waiting = new Set<{ atMs: number; run: () => void }>()
  return {
    nowMs: () => now,
    after(delayMs, run) {
      const timer = { atMs: now + delayMs, run }
      waiting.add(timer)
      return () => waiting.delete(timer)
    },
    sleep(ms) {
      now += ms
    },
    pass(ms) {
      const endMs = now + ms
      for (;;) {
        const [next] = [...waiting].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)
        if (next === undefined) break
        waiting.delete(next)
        now = Math.max(now, next.atMs)
        next.run()
      }
      now = endMs
    },
  }
}

export function jobOf(wish: JobWish): Job {
  const { slots = 1, gpus, share, cpu = '1', runSeconds = 1_000_000, exitCode = 0, stopSeconds = 0 } = wish
  const resources = {
    requests: { cpu, memory: '1Gi' },
    limits: { memory: '1Gi', ...(gpus !== undefined && { [GPU_RESOURCE]: String(gpus) }) },
  }
  const env = [
    { name: 'SIM_RUN_SECONDS', value: String(runSeconds) },
    { name: 'SIM_EXIT_CODE', value: String(exitCode) },
    { name: 'SIM_STOP_SECONDS', value: String(stopSeconds) },
  ]
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      namespace: wish.namespace ?? 't',
      name: wish.name ?? 'job',
      labels: { ...(wish.queue !== undefined && { [labels.queue]: wish.queue }), ...wish.labels },
      ...(wish.annotations && { annotations: wish.annotations }),
    },
    spec: {
      suspend: true,
      completionMode: 'Indexed',
      completions: slots,
      parallelism: slots,
      backoffLimit: 0,
      podReplacementPolicy: 'Failed',
      template: {
        metadata: {
          ...(wish.podLabels && { labels: wish.podLabels }),
          annotations: { ...(share !== undefined && { [annotations.gpuShare]: share }), ...wish.podAnnotations },
        },
        spec: {
          restartPolicy: 'Never',
          schedulerName: 'sluice',
          tolerations: [{ key: 'sluice.dev/gpu', operator: 'Exists' }],
          containers: [{ name: 'main', image: 'example.test/train:1', env, resources }],
          ...wish.pod,
        },
      },
      ...wish.spec,
    },
  }
}

export async function podsOf(cluster: Cluster, jobName: string): Promise<Pod[]> {
  const { items } = await cluster.list('Pod', {
    namespace: 't',
    labelSelector: `batch.kubernetes.io/job-name=${jobName}`,
  })
  return [...items]
}

export function nodes(...names: string[]): SimulatedNode[] {
  return names.map((name) => ({ ...gpuNode, name }))
}

async function createQueue(cluster: Cluster, name: string, spec: Partial<Queue['spec']>): Promise<void> {
  await cluster.apply('Queue', {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'Queue',
    metadata: { name },
    spec: { quotas: [], ...spec },
  })
}

function runsSomewhere({ spec, status }: Pod): boolean {
  return spec?.nodeName !== undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
}

function slotOf({ metadata }: Pod): number {
  return Number(metadata.annotations?.[annotations.slot])
}

function devicesOf({ metadata }: Pod): string {
  const list: { index: number }[] = JSON.parse(metadata.annotations?.[annotations.devices] ?? '[]')
  return list.map(({ index }) => index).join('+')
}
