import '../../platform/preload.ts'
import { parentPort, workerData } from 'node:worker_threads'
import type { ReplayThreadData, ThreadAnswer, ThreadRequest, Through } from './protocol.ts'

/** The compute plane of a replay: it does nothing by itself in discrete-event time until it is told to step. */
if (parentPort === null) throw new Error('this module runs as a worker thread')
const port = parentPort
const { settings, time, forgetEndOfPod } = workerData as ReplayThreadData

// Loaded after platform/preload.ts has run: imports above are hoisted, these are not.
const [{ startCompute }, { drivingClock }, { forgetting }] = await Promise.all([
  import('../compute.ts'),
  import('./time.ts'),
  import('./forgetting.ts'),
])
const clock = drivingClock(time)
const { agent, simulated } = await startCompute(
  settings,
  clock,
  forgetEndOfPod === null ? undefined : forgetting(forgetEndOfPod),
)

/** Time may go on while so many observations travel (ADR 0009): batches of them cost a tenth of single ones. */
const TRAILING_RECORDS = 400

async function step(advanceToMs: number | null, through: Through): Promise<ThreadAnswer> {
  if (advanceToMs !== null) clock.advanceTo(advanceToMs)
  await agent.whenQuiet({ through, whenClusterIdle: simulated.whenIdle, backlog: TRAILING_RECORDS })
  return { kind: 'stepped', nextTimerMs: clock.nextTimerMs() }
}

async function account(): Promise<ThreadAnswer> {
  agent.heartbeat()
  await agent.whenQuiet({ through: {}, whenClusterIdle: simulated.whenIdle, backlog: 0 })
  const { gpuSecondsByTenant, peakByDevice, pods } = simulated.account()
  const peakThousandths = [...peakByDevice.values()].reduce((most, peak) => Math.max(most, peak), 0)
  return {
    kind: 'accounted',
    account: { gpuSecondsByTenant: Object.fromEntries(gpuSecondsByTenant), peakThousandths, pods },
  }
}

// An error is not caught: it ends the thread, and with it the replay.
port.on('message', async (request: ThreadRequest) => {
  port.postMessage(await (request.kind === 'step' ? step(request.advanceToMs, request.through) : account()))
})
port.postMessage({ kind: 'started', clusterId: await agent.clusterId } satisfies ThreadAnswer)
