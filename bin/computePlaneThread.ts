import '../platform/preload.ts'
import { once } from 'node:events'
import { parentPort } from 'node:worker_threads'
import type { SimulatedCluster } from '../kubernetes/simulated/startSimulatedCluster.ts'
import { realClock } from '../platform/clocks.ts'
import { createLog } from '../platform/log.ts'
import type { ComputeSettings } from './compute.ts'
import type { KubernetesSettings } from './kubernetesCompute.ts'

/** What the thread is told, in one message. */
export type ThreadSettings = (ComputeSettings | KubernetesSettings) & { opsHost: string; opsPort: number }

const port = parentPort
if (port === null) throw new Error('this module runs as a worker thread')
// Loaded while the control plane starts, and after platform/preload.ts has run: imports above are hoisted.
const { startCompute } = await import('./compute.ts')
const { EXPORTER_PATH, exporterPage } = await import('../kubernetes/simulated/kubelet/exporter.ts')
const { startOpsListener } = await import('../platform/telemetry/opsListener.ts')
const [settings] = (await once(port, 'message')) as [ThreadSettings]
let compute: { simulated?: SimulatedCluster; stop(): Promise<void> } | null = null
const ops = await startOpsListener({
  host: settings.opsHost,
  port: settings.opsPort,
  notReady: () => (compute === null ? ['the cluster'] : []),
  // A real cluster has its own exporters.
  ...(!('access' in settings) && {
    pages: { [EXPORTER_PATH]: () => exporterPage(compute?.simulated?.kubelet.telemetry() ?? []) },
  }),
  log: createLog(settings.logLevel),
})
compute = await start(settings)
port.postMessage({ opsUrl: ops.url })

await once(port, 'message')
await compute.stop()
await ops.stop()
process.exit(0)

async function start(settings: ComputeSettings | KubernetesSettings) {
  if (!('access' in settings)) return startCompute(settings, realClock())
  const { startKubernetesCompute } = await import('./kubernetesCompute.ts')
  return startKubernetesCompute(settings, realClock())
}
