import { startCaches, stopCaches } from '../../agent/caches.ts'
import { beginEpoch } from '../../agent/epochs.ts'
import { installPlatform } from '../../kubernetes/installPlatform.ts'
import { EPOCHS } from '../../kubernetes/names.ts'
import { startSimulatedCluster } from '../../kubernetes/simulated/startSimulatedCluster.ts'
import { discreteClock } from '../../platform/clocks.ts'
import { createLog } from '../../platform/log.ts'
import { startScheduler } from '../../scheduler/live/scheduler.ts'
import { startLoad } from './load.ts'
import { prepare } from './prepare.ts'
import { capacityOf, jobsOf, type Trace } from './trace.ts'

const START_MS = Date.UTC(2026, 0, 1)

/**
 * A trace on the simulated cluster, whose time goes on when all that is due has been answered: what the scheduler's
 * rules alone make of it, were requests answered at once. Load, cluster and scheduler share this process.
 */
export async function runSimulated(trace: Trace) {
  const log = createLog('error')
  const clock = discreteClock(START_MS)
  const simulated = await startSimulatedCluster({ clock, nodes: [], seed: 'bench', runsJobs: false, log })
  const { cluster } = simulated
  await installPlatform(cluster)
  await prepare(cluster, trace)
  const epoch = await beginEpoch(cluster, EPOCHS.term)
  const caches = await startCaches(cluster, log)
  const scheduler = startScheduler({ cluster, caches, clock, monotonicMs: () => performance.now(), epoch, log })
  const startCpu = process.cpuUsage()
  const load = await startLoad({ cluster, clock, log, jobs: jobsOf(trace) })
  let isDone = false
  void load.done.then(() => {
    isDone = true
  })
  const isQuiet = () => simulated.idle() && scheduler.idle() && load.idle()
  while (!isDone) {
    await simulated.whenIdle()
    await scheduler.whenIdle()
    if (isDone || !isQuiet()) continue
    const nextMs = clock.nextTimerMs()
    if (nextMs === null) throw new Error('the jobs that are left wait for nothing')
    clock.advanceTo(nextMs)
  }
  const { user, system } = process.cpuUsage(startCpu)
  await load.stop()
  scheduler.stop()
  await stopCaches(caches)
  await simulated.stop()
  return {
    ...load.tally.figures(trace.kinds, capacityOf(trace)),
    /** Of this process: cluster, load and scheduler. */
    cpuSeconds: Math.round((user + system) / 10_000) / 100,
  }
}
