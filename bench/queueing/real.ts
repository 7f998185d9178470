import type { Cluster } from '../../kubernetes/cluster.ts'
import { realClock } from '../../platform/clocks.ts'
import { createLog } from '../../platform/log.ts'
import { until } from '../../test/testkit/until.ts'
import { startBenchCluster } from '../common/controlPlane.ts'
import { childNamed, meterProcesses } from '../common/processes.ts'
import { startLoad } from './load.ts'
import { prepare } from './prepare.ts'
import { capacityOf, jobsOf, queuesOf, type Trace } from './trace.ts'

/** A trace on a real API server, with the agent in a process of its own and the load generator in this one. */
export async function runReal(trace: Trace, profileTo: string | undefined) {
  const bench = await startBenchCluster()
  try {
    await prepare(bench.cluster, trace)
    await bench.addDefaultAccounts(new Set(queuesOf(trace).map(({ namespace }) => namespace)))
    const agent = await bench.startAgent(profileTo)
    const failed = agent.ended.then((why) => {
      throw new Error(why)
    })
    failed.catch(() => {})
    try {
      await Promise.race([untilScheduled(bench.cluster, trace), failed])
      const [apiServer, etcd] = await Promise.all(['kube-apiserver', 'etcd'].map(childNamed))
      const pids = { agent: agent.pid, load: process.pid, apiServer: apiServer as number, etcd: etcd as number }
      const meter = await meterProcesses(pids)
      const load = await startLoad({
        cluster: bench.cluster,
        clock: realClock(),
        log: createLog('error'),
        jobs: jobsOf(trace),
      })
      await Promise.race([load.done, failed])
      const { cpuSeconds, peakPssMiB } = await meter.stop()
      await load.stop()
      return {
        ...load.tally.figures(trace.kinds, capacityOf(trace)),
        cpuSeconds: cpuSeconds.agent,
        peakPssMiB: peakPssMiB.agent,
        /** How far creation fell behind the trace at most: the machine is then the bound. */
        createdLateSeconds: load.latestMs / 1_000,
        besides: {
          cpuSeconds: { load: cpuSeconds.load, apiServer: cpuSeconds.apiServer, etcd: cpuSeconds.etcd },
          peakPssMiB: { load: peakPssMiB.load, apiServer: peakPssMiB.apiServer, etcd: peakPssMiB.etcd },
        },
      }
    } finally {
      await agent.interrupt()
    }
  } finally {
    await bench.stop()
  }
}

/** A scheduler that has begun its term says on each queue how it stands. */
async function untilScheduled(cluster: Cluster, { trees, queuesPerTree }: Trace): Promise<void> {
  await until(
    'the status of every queue stands',
    async () => (await cluster.list('Queue')).items.filter(({ status }) => status?.conditions !== undefined).length,
    (count) => count === trees * (queuesPerTree + 1),
  )
}
