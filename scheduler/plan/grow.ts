import type { Place } from '../model/assignment.ts'
import { atSize, type Gang } from '../model/gang.ts'
import type { RunningJob } from '../model/running.ts'
import type { FlavorRows } from './capacity.ts'
import { mostSlots } from './decide.ts'
import { charge } from './holdings.ts'
import type { Ground } from './memo.ts'

/** Places that an elastic job is given beside those that it has. */
export interface Growth {
  readonly job: RunningJob
  readonly places: readonly Place[]
}

/** Elastic jobs that run with fewer slots than they asked for: mostly none among many. Whose turn comes first, first. */
export function growable(running: Iterable<RunningJob>): RunningJob[] {
  return Iterator.from(running).filter(mayGrow).toArray().sort(byTurn)
}

/**
 * What is left when all who wait have had their turn goes to those: to the highest priority first, of equals to whoever
 * came first, to each as much as there is.
 * @param growing see growable
 * @param isWaitedFor whether somebody in that queue must not be overtaken
 */
export function growthsOf(
  growing: readonly RunningJob[],
  ground: Ground,
  isWaitedFor: (queue: string) => boolean,
): Growth[] {
  const growths: Growth[] = []
  for (const job of growing) {
    if (!isOpen(job.queue, ground) || isWaitedFor(job.queue)) continue
    const places = placesFor(job, job.lacks ?? 0, ground)
    if (places !== null) growths.push({ job, places })
  }
  return growths
}

function mayGrow({ lacks, isGoing, gang }: RunningJob): boolean {
  return lacks !== undefined && !isGoing && gang !== undefined
}

/** Whether jobs are admitted from the queue. */
function isOpen(queue: string, { tree }: Ground): boolean {
  const at = tree.get(queue)
  return at !== undefined && tree.problem(queue) === null && at.stop === null
}

function byTurn(a: RunningJob, b: RunningJob): number {
  return b.priority - a.priority || a.createdMs - b.createdMs || (a.uid < b.uid ? -1 : 1)
}

/** Takes as many as it lacks, or as there are. @returns null where there are none */
function placesFor(job: RunningJob, lacks: number, ground: Ground): readonly Place[] | null {
  const { gang, queue } = job
  const rows = gang && rowsBeside(job, gang, ground)
  if (gang === undefined || rows === undefined) return null
  // Near to what it has already, and not only to one another.
  const { topology: _, ...alone } = gang
  const count = mostSlots(alone, { enough: 0, most: lacks }, { rows }, queue, ground)
  if (count === 0) return null
  const shape = ground.memo.shape(atSize(alone, count))
  const places = shape.placeUnremembered({ rows })
  if (places !== null) charge(ground, queue, rows.name, shape.amounts)
  return places
}

/** Where its further pods may be: in its flavor, and within the domain in which all of them have to be. */
function rowsBeside({ flavor, held }: RunningJob, { topology }: Gang, { memo }: Ground): FlavorRows | undefined {
  const { capacity } = memo
  const rows = capacity.flavors.find(({ name }) => name === flavor)
  const level = capacity.domains.levelOf(topology?.required ?? null)
  if (rows === undefined || level < 0) return topology?.required == null ? rows : undefined
  const row = capacity.rowOf(held[0]?.node ?? '') ?? -1
  return capacity.domains.within(rows, level).find(({ from, to }) => row >= from && row < to)
}
