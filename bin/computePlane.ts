import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ThreadSettings } from './computePlaneThread.ts'
import { explain } from './explain.ts'

/** Agent and scheduler, and the cluster where it is simulated, in a thread of their own: planning never stalls a request. */
export interface ComputePlane {
  /** Of the thread's own ops listener. */
  readonly opsUrl: string
  /** Ends what runs there; running pods go on at the next start. */
  stop(): Promise<void>
}

/** The thread loads its code at once and connects when `connect` is called. */
export function prepareComputePlane(): {
  connect(settings: ThreadSettings): Promise<ComputePlane>
  abandon(): void
} {
  const worker = new Worker(new URL('computePlaneThread.ts', import.meta.url))
  worker.once('error', (error) => {
    // The compute plane is half of this program: without it the control plane would accept what nobody runs.
    process.stderr.write(`The compute plane failed: ${explain(error)}`)
    process.exit(1)
  })
  return {
    abandon: () => void worker.terminate(),
    async connect(settings) {
      worker.postMessage(settings)
      const [{ opsUrl }] = (await once(worker, 'message')) as [{ opsUrl: string }]
      return {
        opsUrl,
        async stop() {
          worker.postMessage('stop')
          await once(worker, 'exit')
        },
      }
    },
  }
}
