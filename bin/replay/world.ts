import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { DomainClock } from '../../platform/clock.ts'
import type { SubgraphName } from '../../platform/link/protocol.ts'
import type { ComputeSettings } from '../compute.ts'

/** Positions of the directive feeds that must have been applied before time goes on. */
export type Through = Partial<Record<SubgraphName, string>>

export interface ReplayThreadData {
  settings: ComputeSettings
  time: { startMs: number; wallStartMs: number; speed: number | null; nowBuffer: SharedArrayBuffer }
  /** A fault on purpose: which record of a pod's end metering never gets. */
  dropMeteringRecord: number | null
}
export type ThreadRequest =
  | { kind: 'step'; advanceToMs: number | null; through: Through }
  | { kind: 'account' }
  | { kind: 'stop' }
export type ThreadAnswer =
  | { kind: 'started'; clusterId: string }
  | { kind: 'stepped'; nextTimerMs: number | null }
  | ClusterAccount

/** What the simulated cluster kept by itself from its own pod records. */
export interface ClusterAccount {
  kind: 'account'
  /** Decimal by tenant id. */
  gpuSecondsByTenant: Record<string, string>
  /** Most that was ever held of one device. */
  peakThousandths: number
  pods: number
}

/** Domain time of a replay, shared by both planes: it stands still between steps, or runs at a speed. */
export interface ReplayTime {
  readonly clock: Pick<DomainClock, 'nowMs'>
  readonly shared: ReplayThreadData['time']
}

export function replayTime(startMs: number, speed: number | null): ReplayTime {
  const nowBuffer = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)
  const now = new Float64Array(nowBuffer)
  now[0] = startMs
  const wallStartMs = Date.now()
  return {
    clock: {
      nowMs: () => (speed === null ? (now[0] ?? startMs) : Math.floor(startMs + (Date.now() - wallStartMs) * speed)),
    },
    shared: { startMs, wallStartMs, speed, nowBuffer },
  }
}

/** The compute plane of a replay, seen from the control plane's thread. */
export interface ReplayWorld {
  readonly clusterId: string
  /** Goes to `ms`, through every timer before it, each settled at its own instant. */
  advanceTo(ms: number, through: Through): Promise<void>
  /** Settles what has been submitted at this instant. */
  settle(through: Through): Promise<void>
  /** When something happens next by itself; null: nothing will, or time runs by itself. */
  readonly nextTimerMs: number | null
  account(): Promise<ClusterAccount>
  stop(): Promise<void>
}

export async function startWorld(data: ReplayThreadData, clock: Pick<DomainClock, 'nowMs'>): Promise<ReplayWorld> {
  const worker = new Worker(new URL('thread.ts', import.meta.url), { workerData: data })
  const failed = new Promise<never>((_, reject) => worker.once('error', reject))
  failed.catch(() => {})
  const ask = async <K extends ThreadAnswer['kind']>(
    request: ThreadRequest | null,
    kind: K,
  ): Promise<Extract<ThreadAnswer, { kind: K }>> => {
    if (request) worker.postMessage(request)
    const [answer] = (await Promise.race([once(worker, 'message'), failed])) as [ThreadAnswer]
    if (answer.kind !== kind) throw new Error(`the compute plane answered ${answer.kind} to ${request?.kind}`)
    return answer as Extract<ThreadAnswer, { kind: K }>
  }
  const { clusterId } = await ask(null, 'started')
  let nextTimerMs: number | null = null

  async function step(advanceToMs: number | null, through: Through): Promise<void> {
    ;({ nextTimerMs } = await ask({ kind: 'step', advanceToMs, through }, 'stepped'))
  }
  const isDiscrete = data.time.speed === null
  return {
    clusterId,
    get nextTimerMs() {
      return nextTimerMs
    },
    settle: (through) => step(null, through),
    async advanceTo(ms, through) {
      if (!isDiscrete) {
        while (clock.nowMs() < ms) await pause(Math.min(1_000, (ms - clock.nowMs()) / (data.time.speed ?? 1)))
        return
      }
      while (nextTimerMs !== null && nextTimerMs < ms) await step(nextTimerMs, through)
      await step(ms, through)
    },
    account: () => ask({ kind: 'account' }, 'account'),
    async stop() {
      worker.postMessage({ kind: 'stop' } satisfies ThreadRequest)
      await once(worker, 'exit')
    },
  }
}
