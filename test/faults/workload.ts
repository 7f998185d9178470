import { dataOf } from '../testkit/answers.ts'
import type { CloudTenant, JobInput } from '../testkit/cloudTenant.ts'
import type { Promised } from './promises.ts'

/** A client that keeps submitting and cancelling, and remembers what it was promised. */
export interface Workload {
  /** Resolves when its last request has been answered or has failed. */
  stop(): Promise<void>
  /** Sends again what was never answered: with the same keys. */
  repeatUnanswered(): Promise<void>
}

interface WorkloadOptions {
  tenant: CloudTenant
  random: () => number
  promised: Promised
  /** Begins the idempotency keys. */
  batch: string
}

const MAX_JOBS = 30
const CANCELLED_OF_ALL = 0.15

export function startWorkload({ tenant, random, promised, batch }: WorkloadOptions): Workload {
  const inputs = Array.from({ length: MAX_JOBS }, (_, index) => inputOf(random, `${batch}-${index}`))
  /** What was sent, and is perhaps stored: how to send it again. */
  const unanswered = new Set<() => Promise<unknown>>()
  let isStopped = false

  /** Sends it; until it has been answered, nobody knows whether it happened. */
  async function send<T>(request: () => Promise<T>): Promise<T> {
    unanswered.add(request)
    const answer = await request()
    unanswered.delete(request)
    return answer
  }

  async function submit(input: JobInputWithKey): Promise<string> {
    const id = await tenant.submitJob(input)
    promised.jobs.set(input.idempotencyKey, id)
    return id
  }

  /** With a key: asked again, it tells that it was this client who cancelled. */
  async function cancel(id: string): Promise<void> {
    const { job } = dataOf(await tenant.cancelJob(id, { idempotencyKey: `cancel-${id}` })).cancelJob
    if (job?.phase === 'CANCELLED') promised.cancelled.add(id)
  }

  async function run(): Promise<void> {
    for (const input of inputs) {
      if (isStopped) return
      const id = await send(() => submit(input))
      if (random() < CANCELLED_OF_ALL) await send(() => cancel(id))
    }
  }

  // The kill breaks its connection; that is all it learns of it.
  const running = run().catch((error: unknown) => {
    if (!(error instanceof TypeError)) throw error
  })
  return {
    async stop() {
      isStopped = true
      await running
    },
    async repeatUnanswered() {
      for (const request of unanswered) await request()
    },
  }
}

type JobInputWithKey = Partial<JobInput> & { idempotencyKey: string }

function inputOf(random: () => number, idempotencyKey: string): JobInputWithKey {
  const gpu = random() < 0.3 ? { share: '0.5' } : { count: 1 + Math.floor(random() * 4) }
  return {
    idempotencyKey,
    name: idempotencyKey,
    replicas: 1 + Math.floor(random() * 3),
    resources: { gpu },
    runSeconds: 1 + Math.floor(random() * 4),
  }
}
