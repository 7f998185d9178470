import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'
import { sampled } from './metrics.ts'
import { VERSION } from './version.ts'

const NANOSECONDS = 1e9
const QUANTILES = [
  ['0.5', 50],
  ['0.99', 99],
  ['1', 100],
] as const
/** Of the timer that measures: what is later than this is a delay. */
const RESOLUTION_MS = 20

/** @returns ends it */
export function recordProcess(): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  const ends = [
    sampled('sluice_build_info', (sample) => sample(1, { version: VERSION, node_version: process.versions.node })),
    sampled('nodejs_heap_used_bytes', (sample) => sample(process.memoryUsage().heapUsed, {})),
    sampled('nodejs_eventloop_delay_seconds', (sample) => {
      // Nothing measured yet: its percentiles would be 0 and its maximum negative.
      if (delay.count === 0) return
      for (const [quantile, percent] of QUANTILES) {
        const lateNs = Math.max(0, delay.percentile(percent) - RESOLUTION_MS * 1e6)
        sample(lateNs / NANOSECONDS, { quantile })
      }
      delay.reset()
    }),
    ...(isMainThread ? ofTheWholeProcess() : []),
  ]
  return () => {
    delay.disable()
    for (const end of ends) end()
  }
}

/** Told once where several threads of a process are asked: a sum over them stays true. */
function ofTheWholeProcess(): (() => void)[] {
  return [
    sampled('process_start_time_seconds', (sample) => sample(performance.timeOrigin / 1_000, {})),
    sampled('process_resident_memory_bytes', (sample) => sample(process.memoryUsage.rss(), {})),
    sampled('process_cpu_seconds_total', (sample) => {
      const { user, system } = process.cpuUsage()
      sample((user + system) / 1e6, {})
    }),
  ]
}
