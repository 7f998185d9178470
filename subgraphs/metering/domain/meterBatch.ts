import type { Interval } from './interval.ts'
import { type PriceList, priceAt } from './priceBook.ts'
import { closeAlone, type Draft, settleDevice } from './settleDevice.ts'
import type { Held, SeenPod, Sighting } from './sighting.ts'

export interface Metered {
  /** Pods that hold or have held something, as they were seen last. */
  pods: SeenPod[]
  /** Intervals that are new or not as they were. */
  changed: Interval[]
}

/**
 * What a batch makes of the ledger. Level-triggered: a sighting says what is, so that one that comes
 * again changes nothing, and what a pod said of its binding first stands, whatever is written on it later.
 * @param known every interval of the pods that were seen, and of the devices they hold (see loadIntervals)
 */
export function meterBatch(
  known: readonly Interval[],
  sightings: readonly Sighting[],
  prices: readonly PriceList[],
): Metered {
  const drafts: Draft[] = known.map((interval) => ({ interval: { ...interval }, due: null }))
  const byPod = Map.groupBy(drafts, ({ interval }) => interval.podUid)
  const pods = new Map<string, SeenPod>()
  const mentioned = new Set<string>()

  for (const sighting of sightings) {
    const uid = sighting.type === 'held' ? sighting.pod.uid : sighting.uid
    mentioned.add(uid)
    if (sighting.type === 'held') {
      pods.set(uid, sighting.pod)
      const own = byPod.get(uid) ?? openIntervals(sighting, prices)
      byPod.set(uid, own)
      learn(own, sighting)
    }
    const end = endOf(sighting)
    for (const draft of byPod.get(uid) ?? []) if (draft.interval.state === 'OPEN') draft.due ??= end
  }

  const all = [...byPod.values()].flat()
  settle(all, mentioned)
  const before = new Map(known.map((interval) => [keyOf(interval), interval]))
  const changed = all
    .map(({ interval }) => interval)
    .filter((interval) => differs(before.get(keyOf(interval)), interval))
  return { pods: [...pods.values()], changed }
}

/** One interval per device; a pod without devices has one all the same, for its cores and memory. */
function openIntervals(held: Held, prices: readonly PriceList[]): Draft[] {
  const none = { device: null, deviceIndex: null, identity: null, model: null, share: '0' }
  const devices = held.devices.length > 0 ? held.devices : [none]
  return devices.map((device, ordinal) => ({
    due: null,
    interval: {
      podUid: held.pod.uid,
      ordinal,
      tenantId: held.pod.tenantId,
      projectId: held.pod.projectId,
      state: 'OPEN',
      ...device,
      cpuMilli: ordinal === 0 ? held.cpuMilli : 0,
      memoryMib: ordinal === 0 ? held.memoryMib : 0,
      admittedSeconds: held.admittedSeconds,
      startSeconds: null,
      startedSeconds: null,
      endSeconds: null,
      ending: null,
      clamped: false,
      price: priceAt(prices, device.model, held.admittedSeconds),
      gpuSeconds: null,
      cost: null,
    },
  }))
}

/** What becomes known only after the binding: when containers started, and which device the kubelet chose. */
function learn(own: readonly Draft[], { startedSeconds, devices }: Held): void {
  for (const { interval } of own) {
    if (interval.state === 'CLOSED') continue
    interval.startedSeconds ??= startedSeconds
    const seen = devices[interval.ordinal]
    if (interval.device === null && seen && seen.model === interval.model && seen.device !== null) {
      interval.device = seen.device
      interval.deviceIndex = seen.deviceIndex
      interval.identity = seen.identity
    }
  }
}

function endOf(sighting: Sighting): Draft['due'] {
  if (sighting.type === 'ended') return { endSeconds: sighting.atSeconds, ending: sighting.ending }
  return sighting.finishedSeconds === null ? null : { endSeconds: sighting.finishedSeconds, ending: 'FINISHED' }
}

function settle(drafts: readonly Draft[], mentioned: ReadonlySet<string>): void {
  for (const [device, on] of Map.groupBy(drafts, ({ interval }) => interval.device)) {
    const open = on.filter(({ interval }) => interval.state === 'OPEN')
    if (!open.some(({ interval }) => mentioned.has(interval.podUid))) continue // nothing new about this device
    if (device !== null) settleDevice(on)
    else for (const draft of open) closeAlone(draft)
  }
}

function keyOf({ podUid, ordinal }: Interval): string {
  return `${podUid}/${ordinal}`
}

function differs(before: Interval | undefined, after: Interval): boolean {
  if (before === undefined) return true
  return (Object.keys(after) as (keyof Interval)[]).some((field) => before[field] !== after[field])
}
