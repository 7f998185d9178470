import { nodeUnder } from '../model/node.ts'
import { stopOf } from '../model/policy.ts'
import { queueFigures } from '../plan/queueFigures.ts'
import { carryOut } from './comesTrue.ts'
import type { Prospect, QueueProspect, WorldChanges } from './questions.ts'
import type { Forecast } from './simulate.ts'
import { World } from './world.ts'

/** A copy in which all of it has been done. What names a queue, a node or a flavor that is not there does nothing. */
export function changed(snapshot: World, changes: WorldChanges): World {
  const { queues, addNodes, cordonNodes, stops, agingMs, shareEnforcements, jobs } = changes
  const world = new World(snapshot)
  for (const { name, spec } of queues) {
    const state = world.queues.get(name)
    if (state !== undefined) world.queues.set(name, { ...state, spec: { ...state.spec, ...spec } })
  }
  for (const { flavor, count } of addNodes) {
    const model = [...world.nodes.values()].find(({ spec }) => spec.flavor === flavor)?.spec
    for (let i = 1; model !== undefined && i <= count; i++) {
      const name = `added-${flavor}-${i}`
      world.nodes.set(name, nodeUnder({ ...model, name, accepting: true }, []))
    }
  }
  for (const [name, state] of world.nodes) {
    if (cordonNodes.includes(name) || stopOf(stops, state.spec) !== null)
      world.nodes.set(name, { ...state, spec: { ...state.spec, accepting: false } })
  }
  if (agingMs !== null) world.agingMs = agingMs
  if (shareEnforcements !== null) world.shareEnforcements = shareEnforcements
  for (const job of jobs) world.setPending(job)
  return world
}

/** What the forecast comes to for each queue. */
export function prospectOf(world: World, { starts, stopped, first, untilMs }: Forecast, nowMs: number): Prospect {
  const waiting = Map.groupBy(
    [...world.pending.values()].flatMap(({ jobs }) => jobs),
    ({ queue }) => queue,
  )
  const soon = new World(world)
  carryOut(soon, first, nowMs)
  const queues = queueFigures(soon, nowMs).map(({ queue, weightedShare, cells }): QueueProspect => {
    const jobs = waiting.get(queue) ?? []
    const waits = jobs.flatMap(({ uid }) => {
      const start = starts.get(uid)
      return start === undefined ? [] : [start.atMs - nowMs]
    })
    return {
      queue,
      waiting: jobs.length,
      startNow: waits.filter((wait) => wait === 0).length,
      start: waits.length,
      meanWaitMs: waits.length === 0 ? null : waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
      longestWaitMs: waits.length === 0 ? null : waits.reduce((longest, wait) => Math.max(longest, wait), 0),
      stopped: [...stopped].filter((uid) => world.running.get(uid)?.queue === queue).length,
      weightedShare,
      usedGpuThousandths: cells.find(({ flavor, resource }) => flavor === '*' && resource === 'GPU')?.used ?? 0,
    }
  })
  return { queues, untilMs }
}
