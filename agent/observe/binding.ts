import { annotations } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import type { PodObservation } from '../../platform/link/protocol.ts'
import { countIn, listIn, shareIn, textIn, timeIn } from './claims.ts'

/** What a pod holds, as the scheduler wrote it in the same write that bound the pod. */
export type Binding = Pick<PodObservation, 'admittedAt' | 'slot' | 'devices'>

export const UNBOUND: Binding = { admittedAt: null, slot: null, devices: [] }

/**
 * null: not bound yet. Until then these annotations are the tenant's, from a pod template; the Binding
 * overwrites them. Afterwards a tenant can write them again, so whoever has read a pod's binding once
 * should not read it again.
 */
export function bindingOf({ metadata, spec }: Pod): Binding | null {
  if (!spec?.nodeName) return null
  const told = metadata.annotations ?? {}
  return {
    admittedAt: timeIn(told[annotations.admittedAt]),
    slot: countIn(told[annotations.slot]),
    devices: devicesIn(told[annotations.devices]),
  }
}

/** A list of which one entry makes no sense was not written by the scheduler. */
function devicesIn(text: string | undefined): Binding['devices'] {
  const devices = (listIn(text) ?? []).map(deviceIn)
  return devices.every((device) => device !== null) ? devices : []
}

function deviceIn(value: unknown): Binding['devices'][number] | null {
  if (typeof value !== 'object' || value === null) return null
  const told = value as Record<string, unknown>
  const index = countIn(told.index)
  const uuid = textIn(told.uuid)
  const model = textIn(told.model)
  const share = shareIn(told.share)
  if (index === null || uuid === null || model === null || share === null) return null
  return { index, uuid: uuid || null, model: model || 'unknown', share, identity: uuid ? 'ASSIGNED' : 'UNKNOWN' }
}
