import type { Facts } from '../../../platform/facts/kinds.ts'
import type { UserError } from '../../../platform/graph/errors.ts'
import { gpuThousandths } from './capacity.ts'
import { checkPlacement, type Placement } from './checkPlacement.ts'
import { checkRequest } from './checkRequest.ts'
import { checkResources } from './checkResources.ts'
import { exceedsQueueLimit, queueClosed } from './errors.ts'
import type { JobRequest } from './jobRequest.ts'
import { decimalOf, thousandths } from './thousandths.ts'

export interface SubmissionFacts {
  project: Facts['project']
  queue: Facts['queue']
  /** At least one has nodes. */
  clusters: readonly Facts['cluster'][]
}

/** Everything that speaks against the request, or the cluster it goes to. Pure. */
export function decideSubmission(request: JobRequest, { queue, clusters }: SubmissionFacts): Placement {
  const errors = checkRequest(request)
  // What cannot be computed with is not compared either.
  const placement =
    checkResources(request.resources).length === 0
      ? checkPlacement(request.resources, fewestOf(request), clusters)
      : null
  errors.push(...checkQueue(request, queue), ...(placement && !placement.ok ? placement.errors : []))
  return errors.length === 0 && placement?.ok ? placement : { ok: false, errors }
}

/** Pods without which it cannot start. */
function fewestOf({ replicas, minCount }: JobRequest): number {
  return minCount ?? replicas
}

function checkQueue(request: JobRequest, queue: Facts['queue']): UserError[] {
  if (queue.closed) return [queueClosed(queue.name)]
  if (queue.maxGpus === null || checkResources(request.resources).length > 0) return []
  const asked = gpuThousandths(request.resources, fewestOf(request))
  const most = thousandths(queue.maxGpus)
  return most !== null && asked > most ? [exceedsQueueLimit(decimalOf(asked), queue.name, queue.maxGpus)] : []
}
