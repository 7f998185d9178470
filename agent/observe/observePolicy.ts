import { annotations } from '../../kubernetes/names.ts'
import type { SchedulingPolicy } from '../../kubernetes/objects.ts'
import type { PolicyObservation } from '../../platform/link/protocol.ts'

/** Under which generation of the control plane's it stands, and whether the scheduler has taken it over. */
export function observePolicy({ metadata, status }: SchedulingPolicy): PolicyObservation {
  const generation = Number(metadata.annotations?.[annotations.policyGeneration] ?? Number.NaN)
  return {
    generation: Number.isSafeInteger(generation) && generation > 0 ? generation : null,
    isFollowed: status?.observedGeneration !== undefined && status.observedGeneration === metadata.generation,
  }
}

/** One that is gone: as one that nobody of the control plane has applied. */
export function withoutStatus({ status: _status, metadata, ...rest }: SchedulingPolicy): SchedulingPolicy {
  return { ...rest, metadata: { ...metadata, annotations: {} } }
}
