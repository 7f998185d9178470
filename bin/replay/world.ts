import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { DomainClock } from '../../platform/clock.ts'
import type { ClusterAccount, ReplayThreadData, ThreadAnswer, ThreadRequest, Through } from './protocol.ts'

/** The compute plane of a replay, seen from the control plane's thread. Whatever waits for it rejects where it is lost. */
export interface ReplayWorld {
  readonly clusterId: string
  /** Goes to `ms`, through every timer before it, each settled at its own instant. */
  advanceTo(ms: number, through: Through): Promise<void>
  /** Settles what has been submitted at this instant. */
  settle(through: Through): Promise<void>
  /** By itself, at a speed; else it stands still between steps. */
  readonly isTimeRunning: boolean
  /** When something happens next by itself; null: nothing will, or time runs by itself. */
  readonly nextTimerMs: number | null
  account(): Promise<ClusterAccount>
  /** At once: nothing of it is worth an orderly end. */
  stop(): Promise<void>
}

/** What takes this long by the wall will never end: an instant is settled within milliseconds. */
const STUCK_AFTER_MS = 180_000
const LONGEST_PAUSE_MS = 1_000

/**
 * @param clock the control plane's
 * @param onLost called once, where the thread ends by itself
 */
export async function startWorld(
  data: ReplayThreadData,
  clock: Pick<DomainClock, 'nowMs'>,
  onLost: (reason: Error) => void,
): Promise<ReplayWorld> {
  const { speed } = data.time
  const thread = startThread(data, onLost)
  let nextTimerMs: number | null = null

  async function step(advanceToMs: number | null, through: Through): Promise<void> {
    ;({ nextTimerMs } = await thread.ask({ kind: 'step', advanceToMs, through }, 'stepped'))
  }
  async function runTo(ms: number, speed: number): Promise<void> {
    while (clock.nowMs() < ms) await pause(Math.min(LONGEST_PAUSE_MS, (ms - clock.nowMs()) / speed))
  }

  const clusterId = await thread.started.catch(async (error) => {
    await thread.terminate()
    throw error
  })
  return {
    clusterId,
    isTimeRunning: speed !== null,
    get nextTimerMs() {
      return nextTimerMs
    },
    settle: (through) => step(null, through),
    async advanceTo(ms, through) {
      if (speed !== null) return runTo(ms, speed)
      while (nextTimerMs !== null && nextTimerMs < ms) await step(nextTimerMs, through)
      if (clock.nowMs() < ms) await step(ms, through)
    },
    account: async () => (await thread.ask({ kind: 'account' }, 'accounted')).account,
    stop: thread.terminate,
  }
}

type AnswerOf<Kind> = Extract<ThreadAnswer, { kind: Kind }>

interface ReplayThread {
  /** The id the control plane gave its cluster. */
  readonly started: Promise<string>
  ask<Kind extends ThreadAnswer['kind']>(request: ThreadRequest, kind: Kind): Promise<AnswerOf<Kind>>
  terminate(): Promise<void>
}

function startThread(data: ReplayThreadData, onLost: (reason: Error) => void): ReplayThread {
  const worker = new Worker(new URL('thread.ts', import.meta.url), { workerData: data })
  let waiting: PromiseWithResolvers<ThreadAnswer> | undefined
  let ended: Error | undefined
  const end = (reason: Error): boolean => {
    if (ended !== undefined) return false
    ended = reason
    waiting?.reject(reason)
    return true
  }
  const lose = (cause: unknown) => {
    const why = cause instanceof Error ? cause.stack : String(cause)
    const reason = new Error(`The compute plane of the replay was lost: ${why}`)
    if (end(reason)) onLost(reason)
  }
  worker.on('message', (answer: ThreadAnswer) => waiting?.resolve(answer))
  worker.once('error', lose)
  worker.once('exit', (code) => lose(`its thread ended with code ${code}`))

  async function answerOf<Kind extends ThreadAnswer['kind']>(kind: Kind): Promise<AnswerOf<Kind>> {
    if (ended !== undefined) throw ended
    waiting = Promise.withResolvers()
    const { promise, reject } = waiting
    const stuck = new Error(`The compute plane has not ${kind} within ${STUCK_AFTER_MS / 1000} s.`)
    const timer = setTimeout(() => reject(stuck), STUCK_AFTER_MS)
    try {
      const answer = await promise
      if (answer.kind !== kind) throw new Error(`The compute plane has ${answer.kind} where it should have ${kind}.`)
      return answer as AnswerOf<Kind>
    } finally {
      clearTimeout(timer)
      waiting = undefined
    }
  }

  return {
    started: answerOf('started').then(({ clusterId }) => clusterId),
    ask(request, kind) {
      worker.postMessage(request)
      return answerOf(kind)
    },
    async terminate() {
      end(new Error('The compute plane of the replay was stopped.'))
      await worker.terminate()
    },
  }
}
