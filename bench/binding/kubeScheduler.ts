import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startProcess } from '../../scripts/kubernetes/ownProcess.ts'
import { startBenchCluster } from '../common/controlPlane.ts'
import { addNodes, eachOf } from '../common/nodes.ts'
import { meterProcesses } from '../common/processes.ts'
import { nodesOf, POD_SPEC, type Size } from './size.ts'
import { rateOf, watchPods } from './watchPods.ts'

const NAMESPACE = 'bench'

/** All pods wait when it starts; its time counts from the first that it binds, so that its start does not. */
export async function bindByKubeScheduler(size: Size) {
  const bench = await startBenchCluster()
  try {
    const { cluster } = bench
    await addNodes(cluster, nodesOf(size))
    await cluster.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
    await bench.addDefaultAccounts([NAMESPACE])
    const pods = Array.from({ length: size.pods }, (_, number) => `pod-${number}`)
    await eachOf(pods, (name) =>
      cluster.create('Pod', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { namespace: NAMESPACE, name },
        spec: { ...POD_SPEC, containers: [...POD_SPEC.containers] },
      }),
    )
    const watch = await watchPods(cluster, size.pods)
    const scheduler = await start(bench)
    const meter = await meterProcesses({ scheduler: scheduler.pid })
    const failed = scheduler.ended.then((why) => {
      throw new Error(why)
    })
    failed.catch(() => {})
    await Promise.race([watch.allBound, failed])
    const { cpuSeconds, peakPssMiB } = await meter.stop()
    await scheduler.kill()
    await watch.stop()
    const [first = 0] = watch.boundAtMs
    return { ...rateOf(watch.boundAtMs, first), cpuSeconds: cpuSeconds.scheduler, peakPssMiB: peakPssMiB.scheduler }
  } finally {
    await bench.stop()
  }
}

/** As it runs in a cluster, but that its client is allowed more: 1,000 requests a second, 2,000 at once. */
async function start({ binaries, kubeconfig, folder }: Awaited<ReturnType<typeof startBenchCluster>>) {
  const access = JSON.parse(await readFile(kubeconfig, 'utf8'))
  access.users[0].user.as = 'system:kube-scheduler'
  const own = join(folder, 'kube-scheduler.kubeconfig')
  await writeFile(own, JSON.stringify(access), { mode: 0o600 })
  const config = join(folder, 'kube-scheduler.json')
  await writeFile(
    config,
    JSON.stringify({
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      clientConnection: { kubeconfig: own, qps: 1_000, burst: 2_000 },
      leaderElection: { leaderElect: false },
    }),
  )
  const args = [`--config=${config}`, '--secure-port=0']
  return startProcess('kube-scheduler', binaries.scheduler, args, join(folder, 'kube-scheduler.log'))
}
