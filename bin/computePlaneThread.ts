import { once } from 'node:events'
import { parentPort } from 'node:worker_threads'
import { realClock } from '../platform/clocks.ts'
import { type ComputeSettings, startCompute } from './compute.ts'

const port = parentPort
if (port === null) throw new Error('this module runs as a worker thread')
const [settings] = (await once(port, 'message')) as [ComputeSettings]
const compute = await startCompute(settings, realClock())
port.postMessage('ready')

await once(port, 'message')
await compute.stop()
process.exit(0)
