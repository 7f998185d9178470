import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/database/database.ts'
import { appendEvents } from '../../../platform/events/events.ts'
import { publishFact } from '../../../platform/facts/facts.ts'
import { deny } from '../../../platform/graph/deny.ts'
import type { UserError } from '../../../platform/graph/errors.ts'
import { idempotent } from '../../../platform/idempotency.ts'
import { may } from '../../../platform/identity/authorize.ts'
import { prefixOf } from '../../../platform/ids.ts'
import { putDirective } from '../../../platform/link/directives.ts'
import type { Context } from '../context.ts'
import type { CancelJobInput } from '../generated/resolvers.ts'
import { countBoundPods } from '../store/countBoundPods.ts'
import { lockJob } from '../store/lockJobs.ts'
import { saveJobs } from '../store/saveJobs.ts'
import { alreadyFinished, jobNotFound } from './errors.ts'
import { jobEvent } from './events.ts'
import { isFinal, type JobRecord } from './job.ts'
import { jobFact } from './jobFact.ts'
import { cancelled } from './observeJob.ts'
import { removalOf } from './removalOf.ts'

export type Cancellation = { ok: true; job: JobRecord } | { ok: false; errors: UserError[] }

/**
 * Cancels a job: it is final at once, and the cluster is told that its Job should not exist.
 * With `dryRun` the job is returned as it is.
 * @throws GraphQLError FORBIDDEN
 */
export async function cancelJob(context: Context, input: CancelJobInput): Promise<Cancellation> {
  if (prefixOf(input.id) !== 'job') return { ok: false, errors: [jobNotFound()] }
  const attempt = await context.write((tx) => attemptIn(tx, context, input))
  return attempt === 'denied' ? deny(context, 'cancelJob', input, 'cancel this job') : attempt
}

async function attemptIn(tx: Tx, context: Context, input: CancelJobInput): Promise<Cancellation | 'denied'> {
  const job = await lockJob(tx, input.id)
  if (!job) return { ok: false, errors: [jobNotFound()] }
  const { tenantId } = job
  if (!may(context.identity, 'job.cancel', { tenantId })) return 'denied'

  const now = new Date(context.clock.nowMs())
  const principal = context.identity.subject
  const key = input.dryRun ? null : input.idempotencyKey
  let current = job
  const outcome = await idempotent(tx, { tenantId, principal, mutation: 'cancelJob', key, input, now }, async () => {
    if (isFinal(job.phase)) return { ok: false, errors: [alreadyFinished(job.phase, job.finishedAt)] }
    if (!input.dryRun) {
      current = cancelled(job, now.toISOString(), { reason: 'CANCELLED', message: `Cancelled by ${principal}.` })
      await store(tx, context, input, current)
    }
    return { ok: true, result: job.id }
  })
  return outcome.ok ? { ok: true, job: current } : outcome
}

async function store(tx: Tx, context: Context, input: CancelJobInput, job: JobRecord): Promise<void> {
  const { id, tenantId, finishedAt, failure } = job
  const at = finishedAt ?? job.submittedAt
  const bound = await countBoundPods(tx, [id])
  await Promise.all([
    saveJobs(tx, [job]),
    audit(tx, {
      tenantId,
      at: new Date(at),
      principal: context.identity.subject,
      action: 'cancelJob',
      objectId: id,
      decision: 'allowed',
      requestId: context.requestId,
      input,
    }),
    appendEvents(tx, [
      jobEvent({ type: 'CANCELLED', at, job, reason: failure?.reason ?? null, message: failure?.message ?? null }),
    ]),
    putDirective(tx, job.clusterId, { key: id, tenantId, ...removalOf(job) }),
    publishFact(tx, 'job', tenantId, jobFact(job, bound.get(id) ?? 0)),
  ])
}
