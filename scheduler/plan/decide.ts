import { type Assignment, encodeAssignment } from '../model/assignment.ts'
import { atSize, type Gang } from '../model/gang.ts'
import type { PendingGroup, PendingJob } from '../model/job.ts'
import { firstIndex } from '../model/runs.ts'
import type { Cause } from './causes.ts'
import { inQueueOrder } from './flavorOrder.ts'
import { charge } from './holdings.ts'
import type { Ground } from './memo.ts'
import type { FutureRoom, Preempting } from './preempt.ts'
import type { Quotas } from './quotas.ts'
import type { MatchingFlavor, Shape } from './shape.ts'
import type { Standing } from './standing.ts'

interface AtItsTurn {
  readonly group: PendingGroup
  readonly job: PendingJob
  readonly standing: Standing
}

/**
 * What becomes of a job at its turn. One for which others have been stopped gets the very room that they make, so that
 * those who wait for such room do not take it from one another.
 */
export function decide(
  { group, job, standing }: AtItsTurn,
  preempting: Preempting,
  ground: Ground,
): Assignment | Cause | FutureRoom | null {
  const { nomination } = job
  const promised =
    nomination && (admitAt(nomination.assignment, group, standing, ground) ?? preempting.keepRoom(job, standing))
  if (promised !== null) return promised
  const { shape, flavors } = standing
  if (!preempting.mayStopFor(job)) return admit(group, standing, ground)
  if (!stopsBeforeNextFlavor(group.queue, ground)) {
    const ordered = flavorsInOrder(group.queue, flavors, shape, ground)
    return admit(group, standing, ground) ?? preempting.findRoom(job, { shape, flavors: ordered })
  }
  for (const flavor of flavorsInOrder(group.queue, shape.preferred(flavors), shape, ground)) {
    const alone = { shape, flavors: [flavor] }
    const outcome = admit(group, alone, ground) ?? preempting.findRoom(job, alone)
    if (outcome !== null) return outcome
  }
  return null
}

function stopsBeforeNextFlavor(queue: string, { tree }: Ground): boolean {
  return tree.get(queue)?.spec.flavorFungibility.whenCanPreempt === 'MayStopSearch'
}

function flavorsInOrder(queue: string, flavors: readonly MatchingFlavor[], { amounts }: Shape, ground: Ground) {
  const at = ground.tree.get(queue)
  return at === undefined ? flavors : inQueueOrder(at, flavors, amounts, ground.quotas)
}

/** Takes quota and exactly these places, where both are free. */
function admitAt(
  assignment: Assignment,
  { queue }: PendingGroup,
  { shape, flavors }: Standing,
  ground: Ground,
): Assignment | null {
  const flavor = flavors.find(({ rows }) => rows.name === assignment.flavor)
  if (flavor === undefined || ground.quotas.shortage(queue, assignment.flavor, shape.amounts, 'now') !== null)
    return null
  if (!shape.placeAt(flavor, assignment.slots)) return null
  charge(ground, queue, assignment.flavor, shape.amounts)
  return assignment
}

/** Takes quota and places for one job of the group. */
function admit(group: PendingGroup, { shape, flavors }: Standing, ground: Ground): Assignment | Cause | null {
  const { most } = shape.gang
  return most === undefined ? admitAs(group, shape, flavors, ground) : admitElastic(group, shape, most, flavors, ground)
}

/** With all the slots that it would like; where no flavor has so many, in the one that has most of them. */
function admitElastic(
  group: PendingGroup,
  shape: Shape,
  most: number,
  flavors: readonly MatchingFlavor[],
  ground: Ground,
): Assignment | Cause | null {
  const { quotas, memo } = ground
  // Where its fewest do not fit there is nothing to search.
  const open = flavors.filter((flavor) => isOpen(shape, flavor, quotas, group.queue))
  const whole = open.length === 0 ? null : admitAs(group, memo.shape(atSize(shape.gang, most)), open, ground)
  if (whole !== null) return whole
  // Of its fewest, which may be too many, its own shape decides; not all of them have just been found too many.
  const range = { enough: shape.gang.slots, most: most - 1 }
  const counts = open.map((flavor) => mostSlots(shape.gang, range, flavor, group.queue, ground))
  const count = Math.max(...counts)
  const roomiest = open.filter((_, i) => counts[i] === count)
  // With the fewest its own shape is asked, which remembers what it finds.
  const sized = count > shape.gang.slots ? memo.shape(atSize(shape.gang, count)) : shape
  return admitAs(group, sized, roomiest, ground)
}

/** How many slots of the gang the flavor has room and quota for, of `enough`, which are not asked about, to `most`: more is never easier. */
export function mostSlots(
  gang: Gang,
  { enough, most }: { enough: number; most: number },
  flavor: Pick<MatchingFlavor, 'rows'>,
  queue: string,
  ground: Ground,
): number {
  return firstIndex(enough + 1, most + 1, (count) => !holds(atSize(gang, count), flavor, queue, ground)) - 1
}

/** Whether there is quota and room for so many slots, by a search. */
function holds(gang: Gang, flavor: Pick<MatchingFlavor, 'rows'>, queue: string, { quotas, memo }: Ground): boolean {
  const shape = memo.shape(gang)
  return quotas.shortage(queue, flavor.rows.name, shape.amounts, 'now') === null && shape.fits(flavor)
}

/** With exactly the slots of the shape, in the first flavor that has quota and places. */
function admitAs(
  group: PendingGroup,
  shape: Shape,
  flavors: readonly MatchingFlavor[],
  ground: Ground,
): Assignment | Cause | null {
  const { quotas, memo } = ground
  const open = flavors.filter((flavor) => isOpen(shape, flavor, quotas, group.queue))
  for (const flavor of flavorsInOrder(group.queue, shape.preferred(open), shape, ground)) {
    const name = flavor.rows.name
    const mark = memo.capacity.mark
    const slots = shape.place(flavor)
    if (slots === null) continue
    const assignment = { flavor: name, slots }
    if (slots.length >= LARGE_GANG_SLOTS && encodeAssignment(assignment) === null) {
      memo.capacity.giveBack(mark)
      return { code: 'AssignmentTooLarge', slots: slots.length }
    }
    charge(ground, group.queue, name, shape.amounts)
    return assignment
  }
  return null
}

/** Below this no assignment can reach its size limit: a node's name has at most 253 characters. */
const LARGE_GANG_SLOTS = 128

/** False where nothing of this group can start, as far as that is known without a search. */
export function mayStart({ shape, flavors }: Standing, quotas: Quotas, group: PendingGroup): boolean {
  for (const flavor of flavors) if (isOpen(shape, flavor, quotas, group.queue)) return true
  return false
}

function isOpen(shape: Shape, flavor: MatchingFlavor, quotas: Quotas, queue: string): boolean {
  return shape.mayFit(flavor) && quotas.shortage(queue, flavor.rows.name, shape.amounts, 'now') === null
}
