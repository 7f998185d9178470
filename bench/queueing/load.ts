import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import { startInformer } from '../../kubernetes/informer.ts'
import { annotations, labels } from '../../kubernetes/names.ts'
import type { Job } from '../../kubernetes/objects.ts'
import { type DomainClock, toSecondsTimestamp } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import { Tally } from './tally.ts'
import type { TraceJob } from './trace.ts'

export interface Load {
  readonly tally: Tally
  /** How late the latest of them was created: the cluster, or the generator, did not keep up. */
  readonly latestMs: number
  /** Nothing is under way that is not waiting for time or for the scheduler. */
  idle(): boolean
  /** Resolves when every job has finished. */
  readonly done: Promise<void>
  stop(): Promise<void>
}

interface LoadOptions {
  readonly cluster: Cluster
  readonly clock: DomainClock
  readonly log: Log
  readonly jobs: readonly TraceJob[]
}

/** Creations under way at once. */
const MAX_CREATING = 32

/**
 * Creates the jobs of a trace when they are due and plays what runs them: a job is marked finished its run time after
 * it is seen admitted, and one that is suspended before begins anew when it is admitted again.
 */
export async function startLoad({ cluster, clock, log, jobs }: LoadOptions): Promise<Load> {
  const tally = new Tally()
  const done = Promise.withResolvers<void>()
  const byName = new Map(jobs.map((job) => [job.name, job]))
  /** Cancels, by name of a job that runs. */
  const running = new Map<string, () => void>()
  const informer = startInformer(cluster, 'Job', { log })
  await informer.synced
  const startMs = clock.nowMs()
  const elapsedMs = () => clock.nowMs() - startMs
  let position = 0
  let creating = 0
  let underWay = 0
  let latestMs = 0
  let isStopped = false
  let cancelNext = () => {}

  informer.onChange(({ object }) => see(object))
  createDue()

  return {
    tally,
    get latestMs() {
      return latestMs
    },
    idle: () => underWay === 0,
    done: done.promise,
    async stop() {
      isStopped = true
      cancelNext()
      for (const cancel of running.values()) cancel()
      await informer.stop()
    },
  }

  function createDue(): void {
    for (let job = jobs[position]; job !== undefined && !isStopped; job = jobs[position]) {
      if (creating >= MAX_CREATING) return
      if (job.dueMs > elapsedMs()) {
        cancelNext()
        cancelNext = clock.schedule(startMs + job.dueMs, createDue)
        return
      }
      position += 1
      void create(job)
    }
  }

  async function create(job: TraceJob): Promise<void> {
    latestMs = Math.max(latestMs, elapsedMs() - job.dueMs)
    tally.created(job, elapsedMs())
    creating += 1
    await answered(() => cluster.create('Job', jobObject(job)))
    creating -= 1
    createDue()
  }

  function see(object: Job): void {
    const job = byName.get(object.metadata.name ?? '')
    if (job === undefined) return
    const cancel = running.get(job.name)
    const isOver = object.status?.completionTime !== undefined
    if (isOver || object.spec?.suspend === true) {
      if (cancel === undefined) return
      cancel()
      running.delete(job.name)
      if (isOver) finished(job)
      else tally.evicted(job, elapsedMs())
    } else if (cancel === undefined) {
      tally.admitted(job, elapsedMs())
      running.set(
        job.name,
        clock.schedule(clock.nowMs() + job.kind.runMs, () => void finish(job, object)),
      )
    }
  }

  function finished(job: TraceJob): void {
    tally.finish(job, elapsedMs())
    if (tally.finished === jobs.length) done.resolve()
  }

  /** Refused where it was suspended meanwhile: then it has not finished, also where it runs again. */
  async function finish({ namespace, name }: TraceJob, { metadata, status }: Job): Promise<void> {
    const now = toSecondsTimestamp(clock.nowMs())
    const ended = ['SuccessCriteriaMet', 'Complete'].map((type) => ({
      type,
      status: 'True',
      reason: 'CompletionsReached',
      lastProbeTime: now,
      lastTransitionTime: now,
    }))
    await answered(() =>
      cluster.patch(
        'Job',
        { namespace, name },
        [
          { op: 'test', path: '/metadata/uid', value: metadata.uid },
          // Every stop and start counts as one.
          { op: 'test', path: '/metadata/generation', value: metadata.generation },
          { op: 'add', path: '/status', value: { ...status, startTime: now, completionTime: now, conditions: ended } },
        ],
        { subresource: 'status' },
      ),
    )
  }

  async function answered(request: () => Promise<unknown>): Promise<void> {
    underWay += 1
    try {
      await request()
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      if (error.code !== 'INVALID') log.error({ err: error }, 'the load generator was refused')
    } finally {
      underWay -= 1
    }
  }
}

/** As somebody submits it who asks for nothing but cores; the admission policy suspends it. */
function jobObject({ kind, namespace, name, queue }: TraceJob): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      namespace,
      name,
      labels: { [labels.queue]: queue },
      annotations: { [annotations.class]: kind.jobClass },
    },
    spec: {
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'main', image: 'none', resources: { requests: { cpu: String(kind.cpu) } } }],
        },
      },
    },
  }
}
