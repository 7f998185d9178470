import '../../platform/preload.ts'
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import type { Link } from '../../agent/link/link.ts'
import { discreteClock, scaledClock } from '../../platform/clocks.ts'
import type { ObservationBatch } from '../../platform/link/protocol.ts'
import type { ReplayThreadData, ThreadAnswer, ThreadRequest } from './world.ts'

/** The compute plane of a replay. In discrete-event time it stands still until it is told to step. */
if (parentPort === null) throw new Error('this module runs as a worker thread')
const port = parentPort
const { settings, time, dropMeteringRecord } = workerData as ReplayThreadData
const nowCell = new Float64Array(time.nowBuffer)

const discrete = time.speed === null ? discreteClock(time.startMs) : null
const clock =
  discrete ?? scaledClock(time.startMs + (Date.now() - time.wallStartMs) * (time.speed ?? 1), time.speed ?? 1)
// Loaded after platform/preload.ts has run: imports above are hoisted, this one is not.
const { startCompute } = await import('../compute.ts')
const compute = await startCompute(
  settings,
  clock,
  dropMeteringRecord === null ? undefined : dropping(dropMeteringRecord),
)
const { agent, simulated } = compute
answer({ kind: 'started', clusterId: agent.clusterId })

/** Domain time may go on while so many observations travel: batches of them cost a tenth of single ones. */
const TRAILING_RECORDS = 400

for (;;) {
  const [request] = (await once(port, 'message')) as [ThreadRequest]
  switch (request.kind) {
    case 'step': {
      if (discrete && request.advanceToMs !== null) {
        nowCell[0] = request.advanceToMs
        discrete.advanceTo(request.advanceToMs)
      }
      await agent.whenQuiet({
        through: request.through,
        whenClusterIdle: simulated.whenIdle,
        backlog: TRAILING_RECORDS,
      })
      answer({ kind: 'stepped', nextTimerMs: discrete?.nextTimerMs() ?? null })
      break
    }
    case 'account': {
      agent.heartbeat()
      await agent.whenQuiet({ through: {}, whenClusterIdle: simulated.whenIdle, backlog: 0 })
      const { gpuSecondsByTenant, peakByDevice, pods } = simulated.account()
      const peak = Math.max(0, ...peakByDevice.values())
      answer({
        kind: 'account',
        gpuSecondsByTenant: Object.fromEntries(gpuSecondsByTenant),
        peakThousandths: peak,
        pods,
      })
      break
    }
    case 'stop':
      await compute.stop()
      process.exit(0)
  }
}

function answer(message: ThreadAnswer): void {
  port.postMessage(message)
}

/** Loses the `ordinal`-th record of a pod's end on its way to metering, as a fault that the replay must notice. */
function dropping(ordinal: number): (link: Link) => Link {
  let seen = 0
  const isLost = (record: ObservationBatch['records'][number]) =>
    record.kind === 'pod' && record.finishedAt !== null && record.devices.length > 0 && ++seen === ordinal
  return (link) => ({
    ...link,
    observe: (subgraph, batch) =>
      link.observe(
        subgraph,
        subgraph === 'metering' ? { ...batch, records: batch.records.filter((record) => !isLost(record)) } : batch,
      ),
  })
}
