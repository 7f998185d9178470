import '../platform/preload.ts'
import { once } from 'node:events'
import { parentPort } from 'node:worker_threads'
import { realClock } from '../platform/clocks.ts'
import { createLog } from '../platform/log.ts'
import type { TracesTo } from '../platform/telemetry/tracing.ts'
import type { ComputeSettings } from './compute.ts'
import type { KubernetesSettings } from './kubernetesCompute.ts'

/** What the thread is told, in one message. */
export type ThreadSettings = (ComputeSettings | KubernetesSettings) & {
  opsHost: string
  opsPort: number
  traces: TracesTo | null
}

const port = parentPort
if (port === null) throw new Error('this module runs as a worker thread')
// Loaded while the control plane starts, and after platform/preload.ts has run: imports above are hoisted.
const { EXPORTER_PATH, startCompute } = await import('./compute.ts')
const { startTelemetry } = await import('../platform/telemetry/telemetry.ts')
const [settings] = (await once(port, 'message')) as [ThreadSettings]
let isReady = false
const pages = new Map<string, () => string>()
const ops = await startTelemetry({
  service: 'sluice-compute-plane',
  traces: settings.traces,
  host: settings.opsHost,
  port: settings.opsPort,
  notReady: () => (isReady ? [] : ['the cluster']),
  pages,
  log: createLog(settings.logLevel),
})
const compute = await start(settings)
isReady = true
port.postMessage({ opsUrl: ops.url })

await once(port, 'message')
await compute.stop()
await ops.stop()
process.exit(0)

async function start(settings: ComputeSettings | KubernetesSettings): Promise<{ stop(): Promise<void> }> {
  if (!('access' in settings)) {
    const compute = await startCompute(settings, realClock())
    pages.set(EXPORTER_PATH, compute.exporterPage)
    return compute
  }
  const { startKubernetesCompute } = await import('./kubernetesCompute.ts')
  return startKubernetesCompute(settings, realClock())
}
