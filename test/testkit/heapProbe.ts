import { renameSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

/**
 * Loaded into a program that a test starts (`--import`, with `--expose-gc`): at SIGUSR2 it collects
 * garbage and writes what is left into the file that SLUICE_PROBE names.
 */
export interface Probe {
  heapBytes: number
  externalBytes: number
  /** Open sockets, timers and so on, by kind. */
  resources: Record<string, number>
  /** Of the event loop since the last look, 99th percentile. */
  loopDelayP99Ms: number
}

const file = process.env.SLUICE_PROBE
if (isMainThread && file) {
  const delay = monitorEventLoopDelay()
  delay.enable()
  process.on('SIGUSR2', () => {
    globalThis.gc?.()
    // What finalizers let go of is gone after another round.
    setTimeout(() => {
      globalThis.gc?.()
      const { heapUsed, external } = process.memoryUsage()
      const resources: Probe['resources'] = {}
      for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
      const probe: Probe = {
        heapBytes: heapUsed,
        externalBytes: external,
        resources,
        loopDelayP99Ms: Math.round(delay.percentile(99) / 1e4) / 100,
      }
      delay.reset()
      writeFileSync(`${file}.new`, JSON.stringify(probe))
      renameSync(`${file}.new`, file) // whole or not at all
    }, 50)
  })
}
