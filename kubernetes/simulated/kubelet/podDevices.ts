import { annotations } from '../../names.ts'
import type { Pod } from '../../objects.ts'

/** A device, or a share of one, that a pod was bound to. */
export interface PodDevice {
  index: number
  uuid: string
  model: string
  /** Decimal of one device. */
  share: string
}

/** The devices the scheduler wrote on the pod; empty where it has none. null: what is written there is no list of devices. */
export function podDevices({ metadata }: Pod): PodDevice[] | null {
  const text = metadata.annotations?.[annotations.devices]
  if (text === undefined) return []
  try {
    const devices: unknown = JSON.parse(text)
    return Array.isArray(devices) && devices.every(isPodDevice) ? devices : null
  } catch {
    return null
  }
}

function isPodDevice(value: unknown): value is PodDevice {
  if (typeof value !== 'object' || value === null) return false
  const { index, uuid, share } = value as Record<string, unknown>
  return Number.isInteger(index) && typeof uuid === 'string' && typeof share === 'string' && /^\d+(\.\d+)?$/.test(share)
}

/** A share in millionths: sums of it are exact integers. */
export function millionths(share: string): number {
  return Math.round(Number(share) * 1_000_000)
}
