import type { Assignment, Place } from '../model/assignment.ts'
import type { PendingGroup, PendingJob } from '../model/job.ts'
import { WHOLE_DEVICE } from '../model/node.ts'
import type { RunningJob } from '../model/running.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { type Freed, freeRoomFor } from './defragmentForJob.ts'
import { freeWholeNodes } from './defragmentNodes.ts'
import { type Ground, Memo } from './memo.ts'
import { type Displaced, Movable } from './movable.ts'
import { standingOf } from './standing.ts'

/** What to make room for: a pending job by its uid, or so many nodes with all their GPUs free. */
export type DefragmentationGoal = { readonly job: string } | { readonly wholeNodes: number }

/** What would have to move, what that would make free, and what it would cost. Nothing of it has happened. */
export interface Defragmentation {
  /** All of them stop before any starts at its new places. Empty where nothing can be gained. */
  readonly moves: readonly Move[]
  readonly frees: Frees
  readonly cost: Cost
}

/** A running job that stops where it is, and begins anew elsewhere in the same flavor. */
export interface Move {
  readonly job: RunningJob
  /** By slot; some of them may be where they were. */
  readonly from: readonly Place[]
  readonly to: Assignment
  /** Work it loses: what it holds, for as long as it has held it. */
  readonly lostGpuSeconds: number
}

export interface Frees {
  /** Nodes none of whose GPUs would be taken any more, sorted; none where room for a job was asked. */
  readonly nodes: readonly string[]
  /** GPUs of these nodes, or that the job gets. */
  readonly gpus: number
  /** What the job would get, without any move even where there are none; null where no job was asked for or none would do. */
  readonly assignment: Assignment | null
}

export interface Cost {
  readonly jobs: number
  /** Pods that would be on another node or device. */
  readonly pods: number
  readonly lostGpuSeconds: number
}

/**
 * Which preemptible jobs could move where so that something larger becomes free: room for a job that waits, or whole
 * nodes, as many as can be had where no goal is given. Pure, and a preview only: moving is stopping and starting
 * again, so whoever asks compares what is gained with what is lost. A job that its queue still protects, or of which
 * it is not known what it asks or holds, stays where it is; quotas stay as they are, as nobody changes flavor.
 */
export function defragment(
  snapshot: Snapshot,
  nowMs: number,
  goal: DefragmentationGoal = { wholeNodes: Number.POSITIVE_INFINITY },
): Defragmentation {
  const ground = new Memo().begin(snapshot)
  const movable = new Movable(ground, snapshot, nowMs)
  const freed =
    'job' in goal
      ? forJob(snapshot, nowMs, goal.job, ground, movable)
      : freeWholeNodes(ground, movable, goal.wholeNodes)
  return freed === null ? NOTHING : inFigures(freed, movable)
}

const NOTHING: Defragmentation = {
  moves: [],
  frees: { nodes: [], gpus: 0, assignment: null },
  cost: { jobs: 0, pods: 0, lostGpuSeconds: 0 },
}

function forJob(snapshot: Snapshot, nowMs: number, uid: string, ground: Ground, movable: Movable): Freed | null {
  const found = pendingJob(snapshot, uid)
  if (found === undefined) return null
  const { group } = found
  // Places are what is asked for; whether it may be tried already is another question.
  const standing = standingOf({ ...group, notBeforeMs: 0 }, snapshot.queues.get(group.queue)?.spec, nowMs, ground)
  return 'code' in standing ? null : freeRoomFor(group.queue, standing, ground, movable)
}

function pendingJob(snapshot: Snapshot, uid: string): { group: PendingGroup; job: PendingJob } | undefined {
  for (const group of snapshot.pending.values()) {
    const job = group.jobs.find((each) => each.uid === uid)
    if (job !== undefined) return { group, job }
  }
  return undefined
}

function inFigures({ displaced, nodes, gpuThousandths, assignment }: Freed, movable: Movable): Defragmentation {
  const moves = displaced.map((each) => moveOf(each, movable)).sort((a, b) => (a.job.uid < b.job.uid ? -1 : 1))
  return {
    moves,
    frees: { nodes: nodes.toSorted(), gpus: gpuThousandths / WHOLE_DEVICE, assignment },
    cost: {
      jobs: moves.length,
      pods: moves.reduce((sum, { from, to }) => sum + changed(from, to.slots), 0),
      lostGpuSeconds: moves.reduce((sum, { lostGpuSeconds }) => sum + lostGpuSeconds, 0),
    },
  }
}

function moveOf({ job, from, to }: Displaced, movable: Movable): Move {
  return { job, from, to: { flavor: job.flavor, slots: to }, lostGpuSeconds: movable.lostGpuSeconds(job) }
}

/** Pods of a gang are alike, so only the places count, not who has which. */
function changed(from: readonly Place[], to: readonly Place[]): number {
  const left = new Map<string, number>()
  for (const place of from) left.set(keyOf(place), (left.get(keyOf(place)) ?? 0) + 1)
  let pods = 0
  for (const place of to) {
    const there = left.get(keyOf(place)) ?? 0
    if (there === 0) pods += 1
    else left.set(keyOf(place), there - 1)
  }
  return pods
}

function keyOf({ node, devices }: Place): string {
  return `${node}/${devices.join('+')}`
}
