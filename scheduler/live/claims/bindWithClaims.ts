import type { Binding } from '../../../kubernetes/cluster.ts'
import type { NodeSpec } from '../../model/node.ts'
import { type BindOutcome, bindPod, readPodAgain } from '../bindPod.ts'
import type { ReadPod } from '../readPod.ts'
import { type AllocateDeps, allocateClaims } from './allocateClaims.ts'

/** Binds the pod, once its claims have the devices of its place. */
export async function bindWithClaims(
  deps: AllocateDeps,
  pod: ReadPod,
  binding: Binding,
  devices: NodeSpec['devices'],
): Promise<BindOutcome | { unusable: string }> {
  const { cluster, writes } = deps
  if (!pod.claims?.length) return bindPod(cluster, writes, binding)
  const claimable = devices.flatMap((device) => device.claimable ?? [])
  const outcome = await allocateClaims(deps, pod, binding.node, claimable)
  if (outcome === 'allocated') return bindPod(cluster, writes, binding)
  if (outcome !== 'missing') return outcome
  const found = await readPodAgain(cluster, writes, binding)
  const isGoing = found === null || found.metadata.deletionTimestamp !== undefined
  return isGoing ? 'lost' : 'unsettled'
}
