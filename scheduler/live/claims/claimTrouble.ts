import type { DeviceSpec } from '../../model/node.ts'
import { admissionOf, type JobEntry, placeOf, unfilledSlots } from '../jobEntry.ts'
import type { ReadPod } from '../readPod.ts'
import type { Surroundings, Trouble } from '../trouble.ts'
import type { ClaimBook } from './claimBook.ts'
import { deviceId } from './sliceBook.ts'

export interface ClaimSurroundings extends Pick<Surroundings, 'nodes'> {
  readonly claims: Pick<ClaimBook, 'reservationsOf'>
  /** The job, or the lone pod, that a pod belongs to; undefined where it is gone or not known yet. */
  entryOfPod(uid: string): JobEntry | undefined
}

/** Whether somebody else has allocated a device that a slot without a pod was given; null: nobody. */
export function claimTroubleOf(entry: JobEntry, surroundings: ClaimSurroundings): Trouble | null {
  const { nodes, claims, entryOfPod } = surroundings
  if (admissionOf(entry) === null || !entry.read || !hasClaims(entry)) return null
  for (const slot of unfilledSlots(entry)) {
    const place = placeOf(entry, slot)
    const devices = nodes.spec(place?.node ?? '')?.devices.filter(({ index }) => place?.devices.includes(index)) ?? []
    for (const reservedFor of devices.flatMap((device) => claims.reservationsOf(idOf(device)))) {
      const owners = reservedFor.map((uid) => entryOfPod(uid))
      // Reserved for a pod that is gone: it is given back in a moment.
      if (owners.includes(entry) || (owners.length > 0 && owners.every((owner) => owner === undefined))) continue
      return {
        reason: 'AssignmentConflict',
        message: `A device of its slot ${slot} on node ${place?.node} was allocated to somebody else’s claim.`,
        fix: 'Nothing needs doing: it is given other places as soon as there are some.',
      }
    }
  }
  return null
}

/** Whether a device is still allocated to another than this pod: to one that has ended, until its claim is freed. */
export function isStillAllocated(
  pod: ReadPod,
  devices: readonly DeviceSpec[],
  { claims }: Pick<ClaimSurroundings, 'claims'>,
): boolean {
  if (!pod.claims?.length) return false
  return devices.some((device) => claims.reservationsOf(idOf(device)).some((uids) => !uids.includes(pod.uid)))
}

export function claimUnusable(message: string): Trouble {
  return { reason: 'ClaimUnusable', message, fix: 'Let each job have a claim of its own, by a ResourceClaimTemplate.' }
}

function hasClaims({ read }: JobEntry): boolean {
  const asked = read?.asked
  return asked !== undefined && 'pod' in asked && (asked.pod.claims?.length ?? 0) > 0
}

function idOf({ claimable }: DeviceSpec): string {
  return claimable === undefined ? '' : deviceId({ ...claimable, device: claimable.name })
}
