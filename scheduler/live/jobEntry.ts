import type { Job } from '../../kubernetes/objects.ts'
import type { Place } from '../model/assignment.ts'
import { isGang } from '../model/job.ts'
import { type Holding, holdingAt } from '../model/node.ts'
import type { Group } from './groups/group.ts'
import type { HolderKey } from './nodeBook.ts'
import type { ReadAdmission, ReadJob } from './readJob.ts'
import type { ReadPod } from './readPod.ts'
import type { Template } from './templateBook.ts'

/** All that is known of one Job and its pods, from the watch and from answers to our own writes. */
export interface JobEntry {
  readonly uid: string
  /** Newest version known; null where there is none (any more), while pods of it are. Of a group: what its pods come to. */
  object: Job | null
  /** Null: there is, or was, a Job. */
  group: Group | null
  read: ReadJob | null
  /** From the namespace's label; null: not a tenant's, and not ours to schedule. */
  tenantId: string | null
  readonly pods: Map<string, ReadPod>
  /** The write to the Job that is under way. */
  change: Change | null
  /** Pods whose Binding is under way or not yet seen. */
  readonly binding: Map<string, UnderWay>
  /** Until when each slot was last held by a pod. */
  readonly slotFreedMs: Map<number, number>
  /** Time of the admission under which it was last seen to have come up; see hasComeUp. */
  cameUpAtMs: number | null
  /** What it holds now, by holder. */
  held: ReadonlyMap<HolderKey, HeldAt>
  /** Where its pods count, also when the Job itself is gone. */
  queue: string
  flavor: string | null
  /** Not offered to a plan: a write to it was refused, and what is known of it has to catch up first. */
  isHeldBack: boolean
  /** Pods that it was given more places for were not made: for a while it is given none. */
  isFullGrown: boolean
  /** That of its pods, while it matters what they ask for. */
  template: Template | null
}

export type Change = { kind: 'admit' | 'resize'; admission: ReadAdmission } | { kind: 'requeue' }

export interface HeldAt {
  readonly node: string
  readonly holding: Holding
  /** Place of the assignment that it comes from; null for a pod's. */
  readonly by: Place | null
}

/** A Binding: the slot that its pod takes, and what that one holds, also when the admission is taken back meanwhile. */
interface UnderWay {
  readonly slot: number
  readonly holds: HeldAt
}

export function emptyEntry(uid: string): JobEntry {
  return {
    uid,
    object: null,
    group: null,
    read: null,
    tenantId: null,
    pods: new Map(),
    change: null,
    binding: new Map(),
    slotFreedMs: new Map(),
    cameUpAtMs: null,
    held: new Map(),
    queue: '',
    flavor: null,
    isHeldBack: false,
    isFullGrown: false,
    template: null,
  }
}

/** The admission under which the job holds its slots, from the decision on; null while it has none. */
export function admissionOf({ read, change, tenantId }: JobEntry): ReadAdmission | null {
  if (read === null || tenantId === null || read.isOver) return null
  if (change !== null && change.kind !== 'requeue') return change.admission
  return read.isSuspended ? null : read.admission
}

/** Slots that still need a pod, ascending: those no pod holds, without those whose work is done. */
export function unfilledSlots(entry: JobEntry): number[] {
  const admission = admissionOf(entry)
  const { read } = entry
  if (admission === null || read === null) return []
  const filled = new Set<number>()
  const done = new Set<number>()
  for (const pod of entry.pods.values()) {
    if (pod.slot === null) continue
    if (pod.node !== null && !pod.hasEnded) filled.add(pod.slot)
    else if (read.slotIsIndex && pod.hasSucceeded && isOfGrant(pod, pod.slot, admission)) done.add(pod.slot)
  }
  const slots = admission.assignment.slots.keys()
  // A group tells its done slots, whose pods may be gone, in the same words.
  if (read.slotIsIndex || entry.group !== null) {
    const isComplete = indexesIn(read.completedIndexes)
    return [...slots].filter((slot) => !filled.has(slot) && !done.has(slot) && !isComplete(slot))
  }
  const open = [...slots].filter((slot) => !filled.has(slot))
  return read.remaining === null ? open : stillHeld(entry, open, read.remaining - filled.size).sort((a, b) => a - b)
}

/**
 * So many of the open slots: those to which a Binding is under way, then those that were held last under the present
 * admission. One that was let go, since fewer pods are wanted, may be another job's by now.
 */
function stillHeld(entry: JobEntry, open: readonly number[], wanted: number): number[] {
  const underWay = slotsUnderWay(entry)
  const sinceMs = admissionOf(entry)?.admittedAtMs ?? 0
  const heldUntil = (slot: number) => {
    if (underWay.has(slot)) return Number.POSITIVE_INFINITY
    const freedMs = entry.slotFreedMs.get(slot) ?? 0
    return freedMs > sinceMs ? freedMs : 0
  }
  const order = open.toSorted((a, b) => (heldUntil(a) === heldUntil(b) ? a - b : heldUntil(b) - heldUntil(a)))
  return order.slice(0, Math.max(0, wanted, open.filter((slot) => underWay.has(slot)).length))
}

/**
 * What the job holds: its pods what they asked, and slots without a pod what the assignment gives them.
 * What has not changed is the same object as before.
 */
export function holdingsOf(entry: JobEntry): Map<HolderKey, HeldAt> {
  const held = new Map<HolderKey, HeldAt>()
  for (const pod of entry.pods.values()) {
    if (pod.node === null || pod.hasEnded) continue
    const key: HolderKey = `pod:${pod.uid}`
    const before = entry.held.get(key)
    held.set(key, before?.holding === pod.holding ? before : { node: pod.node, holding: pod.holding, by: null })
  }
  holdSlots(entry, held)
  // A pod that was just bound runs there, whatever has become of the job's admission.
  for (const [podUid, { slot, holds }] of entry.binding) {
    if (!held.has(slotKey(entry, slot))) held.set(`pod:${podUid}`, holds)
  }
  return held
}

function holdSlots(entry: JobEntry, held: Map<HolderKey, HeldAt>): void {
  const demand = entry.read?.demand
  if (demand === undefined || !isGang(demand)) return
  for (const slot of unfilledSlots(entry)) {
    const place = placeOf(entry, slot)
    if (place === undefined) continue
    const key = slotKey(entry, slot)
    const before = entry.held.get(key)
    const holding = () => holdingAt(demand.pod, place.devices)
    const isAsBefore = before?.by === place && before.holding.mark === demand.pod.rules?.mark
    held.set(key, isAsBefore ? before : { node: place.node, holding: holding(), by: place })
  }
}

export function slotKey({ uid }: JobEntry, slot: number): HolderKey {
  return `slot:${uid}/${slot}`
}

function slotsUnderWay({ binding }: JobEntry): Set<number> {
  return new Set([...binding.values()].map(({ slot }) => slot))
}

export function placeOf(entry: JobEntry, slot: number): Place | undefined {
  return admissionOf(entry)?.assignment.slots[slot]
}

/**
 * Which pod takes which slot, once every slot that needs one has one; null while pods are missing.
 * Where each index is a slot of its own, a pod waits for that slot; otherwise any pod takes any.
 */
export function pairsToBind(entry: JobEntry): { pod: ReadPod; slot: number }[] | null {
  const taken = slotsUnderWay(entry)
  const free = unfilledSlots(entry).filter((slot) => !taken.has(slot))
  const isWaiting = (pod: ReadPod) => pod.isCandidate && !entry.binding.has(pod.uid) && entry.group?.fits(pod) !== false
  const waiting = [...entry.pods.values()].filter(isWaiting)
  waiting.sort((a, b) => (a.index ?? 0) - (b.index ?? 0) || (a.name < b.name ? -1 : 1))
  const byIndex = entry.read?.slotIsIndex ? new Map(waiting.map((pod) => [pod.index, pod])) : null
  const pairs = free.flatMap((slot, i) => {
    const pod = byIndex === null ? waiting[i] : byIndex.get(slot)
    return pod === undefined ? [] : [{ pod, slot }]
  })
  // What an elastic job was given beside what ran already does not wait for all of it.
  const firstGrown = admissionOf(entry)?.grown?.[0]?.from ?? Number.POSITIVE_INFINITY
  const paired = new Set(pairs.map(({ slot }) => slot))
  const isMissing = (slot: number) => slot < firstGrown && !paired.has(slot)
  return pairs.length === free.length || (pairs.length > 0 && !free.some(isMissing)) ? pairs : null
}

/**
 * How many more slots an elastic job would take: none before its pods are there, nor once the first has succeeded, since
 * it is about to end then.
 */
export function lacksOf(entry: JobEntry): number {
  const { read, change, isHeldBack } = entry
  const slots = admissionOf(entry)?.assignment.slots.length ?? 0
  if (read === null || !isGang(read.demand) || read.demand.most === undefined || change !== null || isHeldBack) return 0
  if (entry.isFullGrown || read.completedIndexes !== '' || !hasComeUp(entry) || unfilledSlots(entry).length > 0)
    return 0
  return Math.max(0, read.demand.most - slots)
}

/** So many of its slots as an elastic job has had pods for: those that it was given last and never used are at the end. */
export function usedSlots(entry: JobEntry, { assignment, grown = [] }: ReadAdmission): number {
  const used = slotsUnderWay(entry)
  for (const { slot } of entry.pods.values()) if (slot !== null) used.add(slot)
  for (const slot of entry.slotFreedMs.keys()) used.add(slot)
  const first = grown[0]?.from ?? assignment.slots.length
  return Math.max(first, ...[...used].map((slot) => slot + 1))
}

/**
 * Whether the pod ran since the job has had that slot. One that ended before is counted by completedIndexes, if at all:
 * a Job that was made smaller since has forgotten it, and does that index again.
 */
function isOfGrant({ admittedAtMs }: ReadPod, slot: number, admission: ReadAdmission): boolean {
  return (admittedAtMs ?? 0) >= grantedAtMs(admission, slot)
}

/** From when the job has had that slot. */
export function grantedAtMs({ admittedAtMs, grown = [] }: ReadAdmission, slot: number): number {
  return grown.findLast(({ from }) => from <= slot)?.atMs ?? admittedAtMs
}

/** Whether all its slots have had a pod under its present admission: none is bound before all are there. */
export function hasComeUp(entry: JobEntry): boolean {
  const sinceMs = admissionOf(entry)?.admittedAtMs
  if (sinceMs === undefined) return false
  if (entry.cameUpAtMs === sinceMs) return true
  for (const { slot, admittedAtMs } of entry.pods.values()) {
    if (slot !== null && admittedAtMs !== null && admittedAtMs >= sinceMs) return true
  }
  return false
}

/** "0,3-5" as a test. */
function indexesIn(ranges: string): (index: number) => boolean {
  if (ranges === '') return () => false
  const bounds = ranges.split(',').map((range) => range.split('-').map(Number))
  return (index) => bounds.some(([from = Number.NaN, to = from]) => from <= index && index <= to)
}
