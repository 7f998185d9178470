/** How an interval came to its end. */
export type Ending =
  /** Its containers ended. */
  | 'FINISHED'
  /** The pod was deleted without a word of its end. */
  | 'GONE'
  /** The cluster did not know it any more: an estimate. */
  | 'RESYNC'

/** Price of one second of a whole device, from one version of the price list. */
export interface UnitPrice {
  /** Decimal. */
  perGpuSecond: string
  /** ISO 4217. */
  currency: string
  version: number
}

/** What a pod holds of one device, or of none; times are whole seconds since the epoch, in domain time. */
export interface Interval {
  podUid: string
  /** Place of the device among the pod's. */
  ordinal: number
  tenantId: string
  projectId: string
  /** CLOSED: final, it never changes again. */
  state: 'OPEN' | 'CLOSED'
  /** Tells the device from others of the cluster; null: none, or not known which. */
  device: string | null
  deviceIndex: number | null
  identity: 'ASSIGNED' | 'OBSERVED' | 'UNKNOWN' | null
  /** null: no device. */
  model: string | null
  /** Decimal, above 0 to 1; "0" without a device. */
  share: string
  /** Requests of the whole pod, on its first interval alone. */
  cpuMilli: number
  memoryMib: number
  /** When the scheduler bound it. */
  admittedSeconds: number
  /** From when it counts; null: what held the device before has not ended yet. */
  startSeconds: number | null
  /** When containers started. */
  startedSeconds: number | null
  /** Exclusive. While OPEN null, except where the device was another's from then on. */
  endSeconds: number | null
  ending: Ending | null
  /** Start or end were moved so that the device is never held more than once over. */
  clamped: boolean
  price: UnitPrice
  /** Exact decimals; null while OPEN. */
  gpuSeconds: string | null
  cost: string | null
}

/** The device that several intervals may be about, in one cluster. */
export function deviceKey(node: string | null, index: number | null, uuid: string | null): string | null {
  if (uuid !== null) return uuid
  return node === null || index === null ? null : `${node}/${index}`
}
