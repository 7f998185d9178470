import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { GraphQLError } from 'graphql'
import { refuse } from '../../../platform/graph/errors.ts'
import type { Log } from '../../../platform/log.ts'
import type { AnyAnswer, Question } from '../../../scheduler/whatif/questions.ts'
import type { Ask, Reply } from '../../../scheduler/whatif/thread.ts'

/** A cluster's snapshot as it is stored. */
export interface Stored {
  /** The same name, the same snapshot. */
  snapshot: string
  atMs: number
  /** null: of the name that was held already. */
  body: Uint8Array | null
}

/** A thread that plans, so that no request stands still for another's question. */
export interface Answering {
  /**
   * @param load the cluster's newest snapshot, given the name of the one that the thread has
   * @returns null where there is none; an answer of null where it cannot be read
   * @throws GraphQLError SERVICE_UNAVAILABLE
   */
  ask(
    cluster: string,
    question: Question,
    load: (held: string | null) => Promise<Stored | null>,
  ): Promise<{ answer: AnyAnswer | null; atMs: number } | null>
  stop(): Promise<void>
}

/** Of one question: then it answers with what it has … */
const BUDGET_MS = 2_000
/** … and after this, which leaves room in what a subgraph may take for a request, the thread is ended. */
const DEADLINE_MS = 6_000
/** Questions that wait for those before them. */
const MAX_WAITING = 32
/** A thread that nobody asks costs memory for nothing. */
const IDLE_MS = 60_000

/** One question after another; the thread is started with the first. */
export function startAnswering({ nowMs, log }: { nowMs: () => number; log: Log }): Answering {
  let worker: Worker | null = null
  /** By cluster. */
  const held = new Map<string, string>()
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let idle: NodeJS.Timeout | undefined
  let isStopped = false

  function start(): Worker {
    if (worker !== null) return worker
    const started = new Worker(new URL('../../../scheduler/whatif/thread.ts', import.meta.url))
    started.unref()
    started.on('error', (error) => {
      log.error({ err: error }, 'the thread that answers questions about clusters has failed')
      if (worker === started) void end()
    })
    worker = started
    return started
  }

  async function end(): Promise<void> {
    const ending = worker
    worker = null
    held.clear()
    await ending?.terminate()
  }

  const answer: Answering['ask'] = async (cluster, question, load) => {
    if (isStopped) throw busy()
    clearTimeout(idle)
    const thread = start()
    const stored = await load(held.get(cluster) ?? null)
    if (stored === null) return null
    const { snapshot, body, atMs } = stored
    const ask: Ask = { cluster, snapshot, body, question, nowMs: Math.max(nowMs(), atMs), budgetMs: BUDGET_MS }
    const reply = await replyOf(thread, ask)
    if ('failure' in reply) {
      held.delete(cluster)
      log.error({ cluster, failure: reply.failure }, 'a question about a cluster has no answer')
      throw busy()
    }
    held.set(cluster, snapshot)
    return { answer: reply.answer, atMs }
  }

  async function replyOf(thread: Worker, ask: Ask): Promise<Reply> {
    const overdue = AbortSignal.timeout(DEADLINE_MS)
    try {
      const replied = once(thread, 'message', { signal: overdue })
      thread.postMessage(ask)
      const [reply] = (await replied) as [Reply]
      return reply
    } catch {
      if (overdue.aborted) log.warn({ cluster: ask.cluster }, 'a question about a cluster took too long')
      await end()
      throw busy()
    }
  }

  function rest(): void {
    waiting -= 1
    if (waiting > 0 || isStopped) return
    idle = setTimeout(() => void end(), IDLE_MS)
    idle.unref()
  }

  return {
    async ask(cluster, question, load) {
      if (waiting >= MAX_WAITING) throw busy()
      waiting += 1
      const answered = last.then(() => answer(cluster, question, load))
      last = answered.catch(() => {}).finally(rest)
      return answered
    },
    async stop() {
      isStopped = true
      clearTimeout(idle)
      await end()
    },
  }
}

function busy(): GraphQLError {
  return refuse('SERVICE_UNAVAILABLE', 'Too much is asked about the clusters at the moment; try again in a while.')
}
