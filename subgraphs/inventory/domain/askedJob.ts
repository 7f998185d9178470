import { renderJob } from '../../../kubernetes/render/renderJob.ts'
import { knownFact } from '../../../platform/facts/facts.ts'
import type { UserError } from '../../../platform/graph/errors.ts'
import { type Action, may } from '../../../platform/identity/authorize.ts'
import { prefixOf } from '../../../platform/ids.ts'
import { readJob } from '../../../scheduler/live/readJob.ts'
import type { PendingJob } from '../../../scheduler/model/job.ts'
import type { Context } from '../context.ts'
import type { AdmissionPreviewInput } from '../generated/resolvers.ts'
import { queuesByName } from '../store/queues.ts'

export type AskedJob = { ok: true; job: PendingJob; tenantId: string } | { ok: false; errors: UserError[] }

/** As jobs bounds a submission. */
const MAX_REPLICAS = 2_000
const CLASSES = ['sluice-inference', 'sluice-interactive', 'sluice-training', 'sluice-batch']

/**
 * The job as the scheduler would see it: rendered and read by what renders and reads real ones, so that whatever they
 * refuse is refused in the answer with the same words.
 * @param action that the caller must be allowed in the project's tenant
 */
export async function askedJob(
  context: Context,
  input: AdmissionPreviewInput,
  uid: string,
  action: Action,
): Promise<AskedJob> {
  const project = await projectOf(context, input.projectId)
  if (project === 'unknown yet')
    return refused(
      'NOT_YET_KNOWN',
      'projectId',
      'What is new among projects has not arrived here yet.',
      'Try again in a few seconds.',
    )
  if (project === null || !may(context.identity, action, project))
    return refused('NOT_FOUND', 'projectId', 'There is no such project.', 'Take the id of a project that you see.')
  const { tenantId } = project
  const named = (await queuesByName(await context.read(), input.queue)).filter(
    (queue) => queue.tenantId === null || queue.tenantId === tenantId,
  )
  // The tenant's own hides the shared one, as in submitJob.
  const queue = named.find((each) => each.tenantId === tenantId) ?? named[0]
  if (queue === undefined)
    return refused('QUEUE_NOT_FOUND', 'queue', 'The project sees no queue of that name.', 'Take a name from queues.')
  const replicas = input.replicas ?? 1
  if (replicas < 1 || replicas > MAX_REPLICAS)
    return refused(
      'REPLICAS_OUT_OF_RANGE',
      'replicas',
      `A job cannot have ${replicas} pods.`,
      `Give 1 to ${MAX_REPLICAS}.`,
    )
  const minCount = input.minCount ?? null
  if (minCount !== null && (minCount < 1 || minCount > replicas))
    return refused(
      'MIN_COUNT_OUT_OF_RANGE',
      'minCount',
      `A job of ${replicas} replicas cannot start with ${minCount} of them.`,
      `Give 1 to ${replicas}, or leave it out.`,
    )
  const maxRuntimeSeconds = input.maxRuntimeSeconds ?? null
  if (maxRuntimeSeconds !== null && maxRuntimeSeconds < 1)
    return refused(
      'MAX_RUNTIME_OUT_OF_RANGE',
      'maxRuntimeSeconds',
      'It is below a second.',
      'Give at least 1, or leave it out.',
    )
  const priorityClass = input.priorityClass ?? null
  if (priorityClass !== null && !CLASSES.includes(priorityClass))
    return refused(
      'PRIORITY_CLASS_UNKNOWN',
      'priorityClass',
      'There is no such priority class.',
      `Use one of ${CLASSES.join(', ')}.`,
    )

  const nowMs = context.clock.nowMs()
  const gpu = input.resources.gpu ?? null
  const object = renderJob({
    jobId: '',
    tenantId,
    projectId: input.projectId,
    namespace: project.namespace,
    objectName: uid,
    queue: queue.objectName,
    image: '',
    command: null,
    env: [],
    replicas,
    ...(minCount !== null && { minCount }),
    class: input.class ?? 'TRAINING',
    priorityClass,
    preemptible: input.preemptible ?? true,
    maxRuntimeSeconds,
    labels: [],
    resources: {
      cpu: String(input.resources.cpu ?? '1'),
      memoryMiB: input.resources.memoryMiB ?? 1024,
      gpu: gpu && {
        count: gpu.count ?? null,
        share: gpu.share == null ? null : String(gpu.share),
        memoryMiB: gpu.memoryMiB ?? null,
        models: gpu.models ?? [],
      },
    },
  })
  const read = readJob({ ...object, metadata: { ...object.metadata, uid } }, null)
  const { priority, maxRuntimeMs, graceMs, mayPreempt, demand } = read
  const turn = { priority, createdMs: nowMs, notBeforeMs: 0, maxRuntimeMs, graceMs, mayPreempt, nomination: null }
  return { ok: true, tenantId, job: { uid, queue: queue.objectName, tenantId, ...turn, demand } }
}

async function projectOf(context: Context, id: string) {
  if (prefixOf(id) !== 'project') return null
  const known = await knownFact(await context.read(), 'project', id)
  if (known !== null) return known
  if (!(await context.facts.catchUp('tenants'))) return 'unknown yet'
  return knownFact(await context.read(), 'project', id)
}

function refused(code: string, field: string, message: string, fix: string): AskedJob {
  return { ok: false, errors: [{ code, field: [field], message, fix }] }
}
