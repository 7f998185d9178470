import { toSecondsTimestamp } from '../../../platform/clock.ts'
import type { ObjectStore } from '../store/objectStore.ts'

/** What every write of the simulated API server works on. Writes are synchronous: each is one step of the machine. */
export interface Machine {
  readonly store: ObjectStore
  /** Domain time in milliseconds. */
  nowMs(): number
  /** Makes uids and name suffixes the same in every run. */
  readonly seed: string
  readonly caller: Caller
}

/** Who writes: whoever acts for Sluice, Kubernetes' own controllers, or somebody with a tenant's rights. */
export type Caller = 'sluice' | 'kubernetes' | 'tenant'

export function timestamp(machine: Machine): string {
  return toSecondsTimestamp(machine.nowMs())
}
