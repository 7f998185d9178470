import type { DomainClock, WallClock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import type { Log } from '../log.ts'
import { outageOf } from '../outage.ts'
import { sampled } from '../telemetry/metrics.ts'
import { pause, systemTimers, type Timers } from '../timers.ts'
import { sweep } from './sweep.ts'
import type { RetentionTask } from './tasks.ts'

/** Keeps a subgraph's tables from growing with what has had its time. */
export interface Retention {
  stop(): Promise<void>
}

interface RetentionOptions {
  database: Database
  /** Domain time. */
  clock: Pick<DomainClock, 'nowMs'>
  wall: WallClock
  log: Log
  tasks: readonly RetentionTask[]
  timers?: Timers
}

const EVERY_MS = 60_000
/** Some tens of milliseconds of work. */
const BATCH_ROWS = 1_000

/** Looks once a minute; of several replicas whichever comes first does the work. */
export function startRetention(options: RetentionOptions): Retention {
  const { database, wall, log, timers = systemTimers } = options
  const { subgraph } = database
  const stopping = new AbortController()
  const { signal } = stopping
  let lastMs: number | null = null
  const endSamples = sampled('sluice_retention_last_run_timestamp_seconds', (sample) => {
    if (lastMs !== null) sample(lastMs / 1_000, { subgraph })
  })

  async function run(): Promise<void> {
    const outage = outageOf(log, { subgraph }, 'what is old cannot be deleted')
    for (;;) {
      await pause(timers, EVERY_MS, signal)
      if (signal.aborted) return
      try {
        if (await sweep({ ...options, batchRows: BATCH_ROWS, signal })) lastMs = wall.nowMs()
        outage.over()
      } catch (error) {
        if (!signal.aborted) outage.failed(error)
      }
    }
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      endSamples()
      await running
    },
  }
}
