import '../platform/preload.ts'
import { once } from 'node:events'
import { parentPort } from 'node:worker_threads'
import { realClock } from '../platform/clocks.ts'
import type { ComputeSettings } from './compute.ts'
import type { KubernetesSettings } from './kubernetesCompute.ts'

const port = parentPort
if (port === null) throw new Error('this module runs as a worker thread')
// Loaded while the control plane starts, and after platform/preload.ts has run: imports above are hoisted.
const { startCompute } = await import('./compute.ts')
const [settings] = (await once(port, 'message')) as [ComputeSettings | KubernetesSettings]
const compute = await start(settings)
port.postMessage('ready')

await once(port, 'message')
await compute.stop()
process.exit(0)

async function start(settings: ComputeSettings | KubernetesSettings): Promise<{ stop(): Promise<void> }> {
  if (!('kubeconfig' in settings)) return startCompute(settings, realClock())
  const { startKubernetesCompute } = await import('./kubernetesCompute.ts')
  return startKubernetesCompute(settings, realClock())
}
