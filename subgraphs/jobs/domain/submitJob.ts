import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/database/database.ts'
import { appendEvents } from '../../../platform/events/events.ts'
import { publishFact } from '../../../platform/facts/facts.ts'
import { deny } from '../../../platform/graph/deny.ts'
import type { UserError } from '../../../platform/graph/errors.ts'
import { claimKey, keyRefusal, recall, type Scope } from '../../../platform/idempotency.ts'
import { may } from '../../../platform/identity/authorize.ts'
import { prefixOf } from '../../../platform/ids.ts'
import { putDirective } from '../../../platform/link/directives.ts'
import { traceHeaders } from '../../../platform/telemetry/spans.ts'
import type { Context } from '../context.ts'
import type { SubmitJobInput } from '../generated/resolvers.ts'
import { findJobs } from '../store/findJobs.ts'
import { insertJobs } from '../store/insertJobs.ts'
import { submissionFacts } from '../store/submissionFacts.ts'
import { hasNodes } from './capacity.ts'
import { decideSubmission, type SubmissionFacts } from './decideSubmission.ts'
import { noCluster, notYetKnown, projectNotFound, queueNotFound } from './errors.ts'
import { jobEvent } from './events.ts'
import { type JobView, type NewJob, viewOf } from './job.ts'
import { jobFact } from './jobFact.ts'
import { type JobRequest, readRequest } from './jobRequest.ts'
import { directiveOf, newJob } from './newJob.ts'

/** `job` is null for a dry run that would have succeeded. */
export type Submission = { ok: true; job: JobView | null } | { ok: false; errors: UserError[] }

/** What one transaction comes to: an end, or a reason to go on outside of it. */
type Attempt = Submission | { missing: Missing } | 'denied'

/** A fact that the decision needs is not here: from whom it would come, and what to say if it does not exist. */
interface Missing {
  owner: 'tenants' | 'inventory'
  field: 'projectId' | 'queue'
  what: string
  refusal: UserError
}

/**
 * Decides on a submission and stores everything that follows from it in one transaction.
 * A fact that is not here is waited for once, outside the transaction, until its owner has been caught up with.
 * @throws GraphQLError FORBIDDEN
 */
export async function submitJob(context: Context, input: SubmitJobInput): Promise<Submission> {
  const request = readRequest(input)
  // What is no id of a project is neither looked up nor waited for.
  if (prefixOf(request.projectId) !== 'project') return { ok: false, errors: [projectNotFound()] }
  const waited = new Set<Missing['owner']>()
  // Each owner is waited for once at most, so this ends after three rounds.
  for (;;) {
    const attempt = await attemptOnce(context, input, request)
    if (attempt === 'denied') return deny(context, 'submitJob', recorded(input), 'submit jobs in this project')
    if (!('missing' in attempt)) return attempt
    const { owner, field, what, refusal } = attempt.missing
    if (waited.has(owner)) return { ok: false, errors: [refusal] }
    waited.add(owner)
    if (!(await context.facts.catchUp(owner))) return { ok: false, errors: [notYetKnown(field, what)] }
  }
}

async function attemptOnce(context: Context, input: SubmitJobInput, request: JobRequest): Promise<Attempt> {
  try {
    return await context.write((tx) => attemptIn(tx, context, input, request))
  } catch (error) {
    if (!(error instanceof TakenBefore)) throw error
    const first = await context.write((tx) => answered(tx, error.scope))
    if (first === null) throw new Error('a key that was taken is gone', { cause: error })
    return first
  }
}

async function attemptIn(tx: Tx, context: Context, input: SubmitJobInput, request: JobRequest): Promise<Attempt> {
  const known = await factsFor(tx, request)
  if ('missing' in known) return known
  const { tenantId } = known.project
  if (!may(context.identity, 'job.submit', { tenantId })) return 'denied'

  const now = new Date(context.clock.nowMs())
  const key = input.dryRun ? null : input.idempotencyKey
  const scope: Scope = { tenantId, principal: context.identity.subject, mutation: 'submitJob', key, input, now }
  const unusable = keyRefusal(key)
  if (unusable) return unusable
  const decision = decideSubmission(request, known)
  // A key that was answered before is answered the same, whatever would be decided now.
  if (!decision.ok) return (await answered(tx, scope)) ?? decision
  if (input.dryRun) return { ok: true, job: null }
  const id = context.ids.next('job')
  const createdBy = context.identity.subject
  const job = newJob(request, known, { id, clusterId: decision.clusterId, createdBy, now: now.toISOString() })
  await store(tx, context, input, job, scope)
  return { ok: true, job: viewOf(job) }
}

/** The key had been taken before the writes that were sent with it: nothing of them may stay. */
class TakenBefore extends Error {
  readonly scope: Scope
  constructor(scope: Scope) {
    super('the idempotency key was taken before')
    this.scope = scope
  }
}

async function answered(tx: Tx, scope: Scope): Promise<Submission | null> {
  const outcome = await recall<string>(tx, scope)
  if (outcome === null || !outcome.ok) return outcome
  const [first] = await findJobs(tx, [outcome.result])
  return { ok: true, job: first ?? null }
}

/** The project, its queue of that name (the tenant's own hides the shared one) and the clusters. */
async function factsFor(tx: Tx, request: JobRequest): Promise<SubmissionFacts | { missing: Missing }> {
  const { project, queues, clusters } = await submissionFacts(tx, request.projectId)
  if (!project) {
    return { missing: { owner: 'tenants', field: 'projectId', what: 'The project', refusal: projectNotFound() } }
  }
  const named = queues.filter(({ name }) => name === request.queue)
  const queue = named.find(({ tenantId }) => tenantId === project.tenantId) ?? named[0]
  if (!queue) {
    const names = [...new Set(queues.map(({ name }) => name))].sort()
    const refusal = queueNotFound(request.queue, project.slug, names)
    return { missing: { owner: 'inventory', field: 'queue', what: 'The queue', refusal } }
  }
  if (!clusters.some(hasNodes)) {
    return { missing: { owner: 'inventory', field: 'queue', what: 'The cluster', refusal: noCluster() } }
  }
  return { project, queue, clusters }
}

/**
 * The key, the job, its audit record, its event, its directive and its fact; sent together, so that they cost one wait.
 * @throws TakenBefore
 */
async function store(tx: Tx, context: Context, input: SubmitJobInput, job: NewJob, scope: Scope): Promise<void> {
  const [isFirst] = await Promise.all([
    claimKey(tx, scope, job.id),
    insertJobs(tx, [job]),
    audit(tx, {
      tenantId: job.tenantId,
      at: new Date(job.submittedAt),
      principal: context.identity.subject,
      action: 'submitJob',
      objectId: job.id,
      decision: 'allowed',
      requestId: context.requestId,
      input: recorded(input),
    }),
    appendEvents(tx, [jobEvent({ type: 'SUBMITTED', at: job.submittedAt, job, reason: null, message: null })]),
    putDirective(tx, job.clusterId, {
      kind: 'Job',
      key: job.id,
      tenantId: job.tenantId,
      body: { ...directiveOf(job), ...traceHeaders() },
    }),
    publishFact(tx, 'job', job.tenantId, jobFact(job, 0)),
  ])
  if (!isFirst) throw new TakenBefore(scope)
}

/** Values of environment variables may be secrets: the audit log has their names. */
function recorded(input: SubmitJobInput): unknown {
  return { ...input, env: input.env?.map(({ name }) => name) }
}
