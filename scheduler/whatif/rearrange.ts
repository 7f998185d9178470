import type { Place } from '../model/assignment.ts'
import { defragment } from '../plan/defragment.ts'
import type { DefragmentationGoal, NodePods, Rearrangement } from './questions.ts'
import type { World } from './world.ts'

/** What would have to move, so that something larger becomes free. */
export function rearrange(world: World, goal: DefragmentationGoal, nowMs: number): Rearrangement {
  const { moves, frees, cost } = defragment(world, nowMs, 'jobId' in goal ? { job: uidOf(world, goal.jobId) } : goal)
  return {
    moves: moves.map(({ job, from, to, lostGpuSeconds }) => {
      return { uid: job.uid, queue: job.queue, from: podsByNode(from), to: podsByNode(to.slots), lostGpuSeconds }
    }),
    freesNodes: frees.nodes,
    freesGpus: frees.gpus,
    pods: cost.pods,
    lostGpuSeconds: cost.lostGpuSeconds,
  }
}

/** Empty where no job of that id waits. */
function uidOf({ pending }: World, jobId: string): string {
  for (const { jobs } of pending.values()) {
    const job = jobs.find((each) => each.jobId === jobId)
    if (job !== undefined) return job.uid
  }
  return ''
}

export function podsByNode(places: readonly Place[]): NodePods[] {
  const pods = new Map<string, number>()
  for (const { node } of places) pods.set(node, (pods.get(node) ?? 0) + 1)
  return Array.from(pods, ([node, count]) => ({ node, pods: count }))
}
