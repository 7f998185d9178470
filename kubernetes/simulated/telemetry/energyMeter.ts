import { drawnWatts } from './power.ts'

/**
 * Energy of each device since the kubelet began: between two changes of what runs on it, it draws what it
 * draws on average. So it costs nothing while nothing changes, whoever asks and however often.
 */
export class EnergyMeter {
  readonly #devices = new Map<string, { millijoules: number; sinceMs: number; share: number }>()
  readonly #begunMs: number

  constructor(begunMs: number) {
    this.#begunMs = begunMs
  }

  /** @param share of the device that is busy more, or less, from now on */
  change(uuid: string, share: number, nowMs: number): void {
    const before = this.#devices.get(uuid)
    this.#devices.set(uuid, {
      millijoules: this.millijoules(uuid, nowMs),
      sinceMs: nowMs,
      share: (before?.share ?? 0) + share,
    })
  }

  millijoules(uuid: string, nowMs: number): number {
    const { millijoules, sinceMs, share } = this.#devices.get(uuid) ?? {
      millijoules: 0,
      sinceMs: this.#begunMs,
      share: 0,
    }
    // Watts times milliseconds are millijoules.
    return Math.round(millijoules + drawnWatts(share) * Math.max(0, nowMs - sinceMs))
  }
}
