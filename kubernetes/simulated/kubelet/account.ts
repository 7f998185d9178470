import { Decimal } from 'decimal.js'
import { millionths, type PodDevice } from './podDevices.ts'

/** What a pod held, from [admitted, finished): counted once, when its end stands in its status. */
export interface AccountEntry {
  podUid: string
  tenantId: string | null
  /** Decimal: whole seconds × shares of all its devices. */
  gpuSeconds: string
}
export interface PeakEntry {
  uuid: string
  /** Thousandths of the device. */
  peak: number
}

export interface AccountReport {
  /** Decimal GPU-seconds by tenant id. */
  gpuSecondsByTenant: Map<string, string>
  /** Most that was ever held of a device at one time, in thousandths; above 1,000 two pods had the same part of it. */
  peakByDevice: Map<string, number>
  /** Pods counted, with or without devices. */
  pods: number
}

/** The account as it is kept over restarts. */
export interface AccountState {
  gpuSecondsByTenant: Record<string, string>
  peakByDevice: Record<string, number>
  pods: number
  /** Counted pods that may still be seen. */
  countedPods: string[]
}

export const EMPTY_ACCOUNT: AccountState = { gpuSecondsByTenant: {}, peakByDevice: {}, pods: 0, countedPods: [] }

/**
 * What the devices were held for, by the kubelet's own record of its pods: the independent figure that
 * the ledger is checked against. It knows nothing of metering.
 */
export class Account {
  readonly #gpuSeconds = new Map<string, Decimal>()
  readonly #peaks = new Map<string, number>()
  readonly #counted = new Set<string>()
  /** Device uuid → pod uid → millionths held now. */
  readonly #held = new Map<string, Map<string, number>>()
  readonly #persist: (entry: AccountEntry | PeakEntry) => void
  #pods: number

  constructor(state: AccountState = EMPTY_ACCOUNT, persist: (entry: AccountEntry | PeakEntry) => void = () => {}) {
    for (const [tenant, seconds] of Object.entries(state.gpuSecondsByTenant)) {
      this.#gpuSeconds.set(tenant, new Decimal(seconds))
    }
    for (const [uuid, peak] of Object.entries(state.peakByDevice)) this.#peaks.set(uuid, peak)
    for (const uid of state.countedPods) this.#counted.add(uid)
    this.#pods = state.pods
    this.#persist = persist
  }

  /** A pod was bound to devices, whether or not the kubelet then lets it in. */
  hold(podUid: string, devices: readonly PodDevice[]): void {
    for (const { uuid, share } of devices) {
      let holders = this.#held.get(uuid)
      if (holders === undefined) {
        holders = new Map()
        this.#held.set(uuid, holders)
      }
      holders.set(podUid, (holders.get(podUid) ?? 0) + millionths(share))
      this.#notePeak(uuid, sum(holders.values()) / 1_000)
    }
  }

  letGo(podUid: string, devices: readonly PodDevice[]): void {
    for (const { uuid } of devices) this.#held.get(uuid)?.delete(podUid)
  }

  /** @param devices with their shares; times in milliseconds, counted in whole seconds */
  count(
    podUid: string,
    tenantId: string | null,
    devices: readonly PodDevice[],
    admittedAtMs: number,
    finishedAtMs: number,
  ): void {
    if (this.#counted.has(podUid)) return
    const seconds = Math.max(0, Math.floor(finishedAtMs / 1_000) - Math.floor(admittedAtMs / 1_000))
    const shares = devices.reduce((total, { share }) => total.plus(share), new Decimal(0))
    const entry = { podUid, tenantId, gpuSeconds: shares.times(seconds).toFixed() }
    this.restore(entry)
    this.#persist(entry)
  }

  /** Takes in an entry that was persisted. */
  restore(entry: AccountEntry | PeakEntry): void {
    if ('uuid' in entry) {
      this.#peaks.set(entry.uuid, Math.max(entry.peak, this.#peaks.get(entry.uuid) ?? 0))
      return
    }
    this.#counted.add(entry.podUid)
    this.#pods += 1
    if (entry.tenantId === null) return
    const before = this.#gpuSeconds.get(entry.tenantId) ?? new Decimal(0)
    this.#gpuSeconds.set(entry.tenantId, before.plus(entry.gpuSeconds))
  }

  /** A pod that is gone cannot come back, so there is nothing to remember it for. */
  forget(podUid: string): void {
    this.#counted.delete(podUid)
  }

  /** After a restart: pods that went meanwhile are forgotten too. */
  keepOnly(isThere: (podUid: string) => boolean): void {
    for (const uid of this.#counted) if (!isThere(uid)) this.#counted.delete(uid)
  }

  report(): AccountReport {
    return {
      gpuSecondsByTenant: new Map([...this.#gpuSeconds].map(([tenant, seconds]) => [tenant, seconds.toFixed()])),
      peakByDevice: new Map(this.#peaks),
      pods: this.#pods,
    }
  }

  state(): AccountState {
    const { gpuSecondsByTenant, peakByDevice, pods } = this.report()
    return {
      gpuSecondsByTenant: Object.fromEntries(gpuSecondsByTenant),
      peakByDevice: Object.fromEntries(peakByDevice),
      pods,
      countedPods: [...this.#counted],
    }
  }

  #notePeak(uuid: string, peak: number): void {
    if (peak <= (this.#peaks.get(uuid) ?? 0)) return
    this.#peaks.set(uuid, peak)
    this.#persist({ uuid, peak })
  }
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
