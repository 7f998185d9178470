/**
 * Two clocks, never mixed (design: "Two clocks, both injected").
 *
 * Domain time stamps facts: submissions, admissions, starts, ends, charges. In a replay it is
 * discrete-event time and jumps; it never goes back within one clock.
 * Wall time serves tokens, leases, heartbeats and timeouts.
 */
export interface DomainClock {
  /** Milliseconds since the epoch, in domain time. */
  nowMs(): number
  /**
   * Runs `run` once domain time reaches `atMs` (soon, if it already has).
   * `lazy` timers never make time advance: a discrete clock runs them when it passes them on the way to something else.
   * @returns cancels the timer; cancelling twice is harmless
   */
  schedule(atMs: number, run: () => void, options?: { lazy?: boolean }): () => void
}

export interface WallClock {
  /** Milliseconds since the epoch. */
  nowMs(): number
}

/** The second's beginning: times as toSecondsTimestamp writes them. */
export function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000
}

/** RFC 3339 in whole seconds, the resolution of Kubernetes' metav1.Time: 2026-11-24T21:55:59Z. */
export function toSecondsTimestamp(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (second !== lastSecond) {
    lastSecond = second
    lastTimestamp = new Date(second * 1000).toISOString().replace('.000Z', 'Z')
  }
  return lastTimestamp
}

/** Most stamps repeat the second before: many objects are written at one instant. */
let lastSecond = Number.NaN
let lastTimestamp = ''
