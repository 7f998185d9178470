import { strict as assert } from 'node:assert'

/** A span of seconds, end exclusive; an end that is not known is Infinity. */
export interface Span {
  start: number
  end: number
}
/** A span for which a part of a device is held. */
export interface Holding extends Span {
  /** Integer, so that sums are exact. */
  millionths: number
}

const WHOLE_DEVICE = 1_000_000

export function millionthsOf(share: string): number {
  return Math.round(Number(share) * WHOLE_DEVICE)
}

/**
 * The part of a claim that the device has room for beside what is committed. Whoever was there first
 * stays: the claim begins when they end. Whoever came while it was held ends it. What is left is one
 * span, which may be empty; its start is Infinity where what is in the way has no end yet.
 */
export function fitOnDevice(claim: Holding, committed: readonly Holding[]): Span {
  assert(claim.millionths <= WHOLE_DEVICE)
  assert(claim.start <= claim.end)
  let { start, end } = claim
  for (const full of fullSpans(committed, WHOLE_DEVICE - claim.millionths)) {
    if (full.end <= start) continue
    if (full.start >= end) break
    if (full.start <= start) start = full.end
    else end = full.start
  }
  return { start: end === Infinity ? start : Math.min(start, end), end }
}

/** The spans, in order of time, in which more than `room` is held. */
function fullSpans(holdings: readonly Holding[], room: number): Span[] {
  const steps = holdings
    .filter(({ start, end }) => start < end)
    .flatMap(({ start, end, millionths }) => [
      { at: start, change: millionths },
      { at: end, change: -millionths },
    ])
    .sort((one, other) => (one.at === other.at ? 0 : one.at - other.at))
  const spans: Span[] = []
  let held = 0
  let fullSince: number | null = null
  for (const [index, { at, change }] of steps.entries()) {
    held += change
    if (steps[index + 1]?.at === at) continue // all that happens at one instant counts together
    if (held > room) fullSince ??= at
    else if (fullSince !== null) {
      spans.push({ start: fullSince, end: at })
      fullSince = null
    }
  }
  return spans
}
