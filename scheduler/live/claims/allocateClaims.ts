import { type Cluster, ClusterError, gone, type JsonPatch, jsonPointer } from '../../../kubernetes/cluster.ts'
import { annotations, CLAIM_FINALIZER } from '../../../kubernetes/names.ts'
import type { ResourceClaim } from '../../../kubernetes/objects.ts'
import type { ClaimableDevice } from '../../model/node.ts'
import type { ReadPod } from '../readPod.ts'
import type { Writes } from '../writes.ts'
import { type Allocation, givesTheSame, shareOut } from './allocation.ts'
import type { KnownClass } from './claimBook.ts'

/** Times that a claim is looked at anew because others keep writing to it. */
const MAX_ATTEMPTS = 8

export interface AllocateDeps {
  readonly cluster: Cluster
  readonly writes: Writes
  /** Of the present term. */
  readonly epoch: number
  readonly classOf: (deviceClass: string) => KnownClass | undefined
}

/** `missing`: a claim is not there, as when the pod is gone. `unusable`: why it cannot have these devices. */
export type AllocateOutcome = 'allocated' | 'missing' | 'unsettled' | { unusable: string }

/**
 * Gives the pod's claims these devices and reserves them for the pod, before it is bound. Whatever of that has been
 * done already, in this term or an earlier one, is found and gone on with.
 */
export async function allocateClaims(
  deps: AllocateDeps,
  pod: ReadPod,
  node: string,
  devices: readonly ClaimableDevice[],
): Promise<AllocateOutcome> {
  const claims: ResourceClaim[] = []
  for (const name of pod.claims ?? []) {
    const claim = await find(deps, pod, name)
    if (claim === null) return 'missing'
    claims.push(claim)
  }
  const allocations = shareOut(claims, devices, node, deps.classOf)
  if (allocations === null)
    return { unusable: `The claims of its pod ${pod.name} ask for other devices than their templates did.` }
  for (const [i, allocation] of allocations.entries()) {
    const outcome = await allocate(deps, pod, claims[i] as ResourceClaim, allocation)
    if (outcome !== 'allocated') return outcome
  }
  return 'allocated'
}

async function allocate(
  deps: AllocateDeps,
  pod: ReadPod,
  first: ResourceClaim,
  allocation: Allocation,
): Promise<AllocateOutcome> {
  const name = first.metadata.name ?? ''
  let claim: ResourceClaim | null = first
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (claim === null || claim.metadata.deletionTimestamp !== undefined) return 'missing'
    const { status = {} } = claim
    const others = status.reservedFor?.filter(({ uid }) => uid !== pod.uid) ?? []
    if (others.length > 0) return { unusable: `ResourceClaim ${name} is reserved for ${others[0]?.name}.` }
    const isGiven = status.allocation !== undefined && givesTheSame(status.allocation, allocation)
    if (isGiven && status.reservedFor?.length) return 'allocated'
    const step = nextStep(deps.epoch, pod, claim, isGiven, allocation)
    claim = await take(deps, pod, claim, step)
  }
  return 'unsettled'
}

interface Step {
  readonly patch: JsonPatch
  readonly subresource?: 'status'
}

/**
 * The epoch goes first, with the finalizer: a status is written without annotations, and the fence lets it
 * through only where the present epoch stands on the claim. Devices of an earlier decision are taken back
 * before others are given, since an allocation cannot be changed.
 */
function nextStep(epoch: number, pod: ReadPod, claim: ResourceClaim, isGiven: boolean, allocation: Allocation): Step {
  const { metadata, status } = claim
  const finalizers = metadata.finalizers ?? []
  const guards: JsonPatch = [
    { op: 'test', path: '/metadata/uid', value: metadata.uid },
    { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
  ]
  if (metadata.annotations?.[annotations.epoch] !== String(epoch) || !finalizers.includes(CLAIM_FINALIZER)) {
    const told = { ...metadata.annotations, [annotations.epoch]: String(epoch) }
    const kept = [...new Set([...finalizers, CLAIM_FINALIZER])]
    return {
      patch: [
        ...guards,
        { op: 'add', path: '/metadata/annotations', value: told },
        { op: 'add', path: '/metadata/finalizers', value: kept },
      ],
    }
  }
  const fenced: JsonPatch = [
    ...guards,
    { op: 'test', path: jsonPointer('metadata', 'annotations', annotations.epoch), value: String(epoch) },
  ]
  const { allocation: before, reservedFor: _, ...others } = status ?? {}
  const reservedFor = [{ resource: 'pods', name: pod.name, uid: pod.uid }]
  const next = before !== undefined && !isGiven ? others : { ...others, allocation: before ?? allocation, reservedFor }
  return { patch: [...fenced, { op: 'add', path: '/status', value: next }], subresource: 'status' }
}

/** @returns the claim as it is then; where the step did not suit its newest version, that one */
async function take(
  deps: AllocateDeps,
  pod: ReadPod,
  { metadata }: ResourceClaim,
  { patch, subresource }: Step,
): Promise<ResourceClaim | null> {
  const { cluster, writes } = deps
  const ref = { namespace: pod.namespace, name: metadata.name ?? '' }
  const options = subresource === undefined ? {} : { subresource }
  try {
    return await writes.run('patch ResourceClaim', () => cluster.patch('ResourceClaim', ref, patch, options))
  } catch (error) {
    if (!(error instanceof ClusterError) || !STALE.has(error.code)) throw error
    const found = await find(deps, pod, ref.name)
    return found?.metadata.uid === metadata.uid ? found : null
  }
}

const STALE: ReadonlySet<string> = new Set(['CONFLICT', 'INVALID', 'NOT_FOUND'])

async function find({ cluster, writes }: AllocateDeps, pod: ReadPod, name: string): Promise<ResourceClaim | null> {
  const ref = { namespace: pod.namespace, name }
  return writes.run('get ResourceClaim', () => cluster.get('ResourceClaim', ref)).catch(gone)
}
