import '../platform/preload.ts'
import { once } from 'node:events'
import { parentPort } from 'node:worker_threads'
import { realClock } from '../platform/clocks.ts'
import type { ComputeSettings } from './compute.ts'

const port = parentPort
if (port === null) throw new Error('this module runs as a worker thread')
// Loaded while the control plane starts, and after platform/preload.ts has run: imports above are hoisted.
const { startCompute } = await import('./compute.ts')
const [settings] = (await once(port, 'message')) as [ComputeSettings]
const compute = await startCompute(settings, realClock())
port.postMessage('ready')

await once(port, 'message')
await compute.stop()
process.exit(0)
