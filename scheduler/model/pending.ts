/**
 * Why a job waits. `code` is stable and clients branch on it; `fix` says what would help.
 */
export interface PendingReason {
  readonly code: PendingCode
  readonly message: string
  readonly fix: string
}

export const PENDING_CODES = [
  /** The quota of its queue or of an ancestor is in use. */
  'WaitingForQuota',
  /** The free GPUs do not hold the gang, or lie where it cannot use them. */
  'InsufficientGpus',
  /** There are GPUs (or none are asked), but not the CPU, memory or pod places beside them. */
  'InsufficientCapacity',
  /** No node pool has what the pods ask, whatever is free. */
  'NoMatchingFlavor',
  /** More than the queue could hold with everything it may borrow. */
  'ExceedsMaxQuota',
  /** Larger than the matching pools are when empty. */
  'GangLargerThanCluster',
  /** There is room, but not within one domain of the topology level that it requires. */
  'TopologyPlacementFailed',
  /** There is room, but not where its anti-affinity or topology spread, or others', lets its pods be. */
  'PodRulesFailed',
  /** Shares have to be kept to their size here, and no node that would do does that. */
  'ShareNotEnforced',
  /** A claim of its pods does not exist, or has no volume yet and will not be given one by their coming. */
  'VolumeNotReady',
  /** It asks for a topology level that the cluster has not declared. */
  'UnknownTopologyLevel',
  /** A group of another controller's pods, of which fewer exist than it says it has. */
  'WaitingForPods',
  /** Its pods did not come up; it waits before it is tried again. */
  'WaitingForBackoff',
  /** An operator has stopped its queue, or one above it. */
  'QueueHeld',
  /** Places are kept for it from a time on by which those in its way will have ended. */
  'WaitingForReservation',
  /** There would be room, but it is kept for a job that goes before it, and this one might not end in time. */
  'ReservedForAnother',
  /** Others have been stopped for it, and have not ended yet. */
  'WaitingForPreemptedWorkloads',
  /** Its queue lets nobody go before its first job, which finds no room yet. */
  'WaitingForTurn',
  /** Its queue does not exist, or is another tenant's. */
  'QueueNotFound',
  /** Its queue hangs on a parent that is missing, or on itself. */
  'QueueMisconfigured',
  /** Its class is above those that the cluster's policy leaves to its tenant. */
  'ClassNotAllowed',
  /** Kubernetes would refuse its pods, or what they would ask for is not known. */
  'Misconfigured',
  /** A field of the pod that would change where it may run, and that Sluice does not support. */
  'UnsupportedField',
  /** A ResourceClaim that asks for devices in a way that Sluice does not support. */
  'UnsupportedClaim',
  /** A request that contradicts itself or that no Job can mean. */
  'InvalidRequest',
  /** The list of slots does not fit on the Job object. */
  'AssignmentTooLarge',
] as const
export type PendingCode = (typeof PENDING_CODES)[number]

/** Reasons that neither time nor other jobs' ends mend: the job, its queue or the cluster has to be changed. */
export const LASTING_CODES: ReadonlySet<PendingCode> = new Set<PendingCode>([
  'NoMatchingFlavor',
  'ExceedsMaxQuota',
  'GangLargerThanCluster',
  'QueueNotFound',
  'QueueMisconfigured',
  'ClassNotAllowed',
  'Misconfigured',
  'UnknownTopologyLevel',
  'UnsupportedField',
  'UnsupportedClaim',
  'ShareNotEnforced',
  'InvalidRequest',
  'AssignmentTooLarge',
])
