import type { JobObservation } from '../../platform/link/protocol.ts'
import { record } from '../../platform/telemetry/metrics.ts'

/**
 * Records how long the job's pods took to be ready, when they are seen to be for the first time.
 * @param told the record before this one, as JSON; without one it may have been ready for long
 */
export function recordReadiness(told: string | undefined, { queue, admittedAt, startedAt }: JobObservation): void {
  if (admittedAt === null || startedAt === null || !told?.includes('"startedAt":null')) return
  const waitSeconds = Math.max(0, Date.parse(startedAt) - Date.parse(admittedAt)) / 1_000
  record('sluice_ready_wait_time_seconds', { queue: queue ?? '' }, waitSeconds)
}
