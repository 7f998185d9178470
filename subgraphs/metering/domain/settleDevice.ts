import { fitOnDevice, type Holding, millionthsOf } from './fitOnDevice.ts'
import type { Ending, Interval } from './interval.ts'
import { priceInterval } from './priceInterval.ts'

/** An interval as a batch makes it: `due` says that it is to be closed, and by what. */
export interface Draft {
  interval: Interval
  due: { endSeconds: number; ending: Ending } | null
}

/**
 * Settles what holds one device: closes what is due, then says from when the open ones count.
 * CLOSED intervals stand. What is due is fitted to them alone, for an open interval has not said its
 * end, and it cannot have held the device while another did. Open ones wait for earlier open ones.
 * @param drafts every open interval on the device, and every closed one that may overlap them
 */
export function settleDevice(drafts: readonly Draft[]): void {
  const committed = drafts
    .filter(({ interval }) => interval.state === 'CLOSED')
    .map(({ interval }) => holding(interval))
  const byAdmission = drafts.filter(({ interval }) => interval.state === 'OPEN').sort(inOrderOfAdmission)
  for (const draft of byAdmission) {
    if (draft.due === null) continue
    close(draft.interval, draft.due, committed)
    committed.push(holding(draft.interval))
  }
  for (const { interval, due } of byAdmission) {
    if (due !== null) continue
    keepOpen(interval, committed)
    committed.push(holding(interval))
  }
}

/** Closes an interval of no device, or of one that is not known: nothing can be in its way. */
export function closeAlone({ interval, due }: Draft): void {
  if (due !== null) close(interval, due, [])
  else keepOpen(interval, [])
}

function close(interval: Interval, { endSeconds, ending }: NonNullable<Draft['due']>, committed: Holding[]): void {
  const { admittedSeconds: start, share, price } = interval
  // Two clocks may disagree by seconds: an end before the admission makes an empty interval.
  const claim = { start, end: Math.max(start, endSeconds), millionths: millionthsOf(share) }
  const fitted = fitOnDevice(claim, committed)
  interval.state = 'CLOSED'
  interval.ending = ending
  interval.startSeconds = fitted.start
  interval.endSeconds = fitted.end
  interval.clamped = fitted.start !== claim.start || fitted.end !== claim.end
  const { gpuSeconds, cost } = priceInterval(fitted.end - fitted.start, share, price)
  interval.gpuSeconds = gpuSeconds
  interval.cost = cost
}

/** Goes on from where it was settled last: what has been closed before is not looked at again. */
function keepOpen(interval: Interval, committed: Holding[]): void {
  const { admittedSeconds, startSeconds, endSeconds, share } = interval
  const claim = { start: startSeconds ?? admittedSeconds, end: endSeconds ?? Infinity, millionths: millionthsOf(share) }
  const fitted = fitOnDevice(claim, committed)
  interval.startSeconds = fitted.start === Infinity ? null : fitted.start
  interval.endSeconds = fitted.end === Infinity ? null : fitted.end
  interval.clamped = interval.startSeconds !== admittedSeconds || interval.endSeconds !== null
}

function holding({ startSeconds, endSeconds, share }: Interval): Holding {
  return { start: startSeconds ?? Infinity, end: endSeconds ?? Infinity, millionths: millionthsOf(share) }
}

function inOrderOfAdmission({ interval: one }: Draft, { interval: other }: Draft): number {
  return (
    one.admittedSeconds - other.admittedSeconds ||
    (one.podUid < other.podUid ? -1 : one.podUid > other.podUid ? 1 : one.ordinal - other.ordinal)
  )
}
