import type { WallClock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/database.ts'
import type { Log } from '../../../platform/log.ts'
import { outageOf } from '../../../platform/outage.ts'
import type { Wakeups } from '../../../platform/wakeups.ts'
import { EXPORTS_TOPIC, type ExportRecord } from '../domain/export.ts'
import { claimExport, failExport, finishExport, nextExport, postponeExport, renewExport } from '../store/exportQueue.ts'
import { writeExport } from './writeExport.ts'

export interface ExportWorker {
  /** Ends after the page that is being written; what is unfinished is taken up again at the next start. */
  stop(): Promise<void>
}

interface WorkerOptions {
  database: Database
  wakeups: Wakeups
  wall: WallClock
  log: Log
  exportsDir: string
  limits?: Partial<Limits>
}
interface Limits {
  /** After so long without a sign of life a worker counts as dead, and another begins its export anew. */
  leaseMs: number
  attempts: number
  retryMs: number
}

const LIMITS: Limits = { leaseMs: 15_000, attempts: 3, retryMs: 2_000 }
const POLL_MS = 1_000
const SETTLING_POLL_MS = 50

/** Writes exports in the background, one at a time, the oldest first. Several workers share what there is. */
export function startExportWorker(options: WorkerOptions): ExportWorker {
  const { database, wakeups, wall, log } = options
  const limits = { ...LIMITS, ...options.limits }
  const stopping = new AbortController()
  const { signal } = stopping
  const wallNow = () => new Date(wall.nowMs())
  const outage = outageOf(log, {}, 'exports cannot be looked after')
  const inMs = (ms: number) => new Date(wall.nowMs() + ms)

  async function run(): Promise<void> {
    while (!signal.aborted) {
      // Listens before it looks, so that a request in between is not missed.
      const looked = new AbortController()
      const woken = wakeups.wait(EXPORTS_TOPIC, POLL_MS, AbortSignal.any([signal, looked.signal]))
      const next = await look()
      if (next === null) await woken
      looked.abort()
      if (next === 'soon') await wakeups.wait(EXPORTS_TOPIC, SETTLING_POLL_MS, signal)
    }
  }

  async function look(): Promise<'soon' | 'done' | null> {
    try {
      const next = await database.read({ role: 'ingest' }, (tx) => nextExport(tx, wallNow()))
      outage.over()
      if (next !== 'now') return next
      const claimed = await database.write({ role: 'ingest' }, (tx) => claimExport(tx, wallNow(), limits.leaseMs))
      if (claimed) await carryOut(claimed)
      return 'done'
    } catch (error) {
      if (!signal.aborted) outage.failed(error)
      return null
    }
  }

  async function carryOut(claimed: ExportRecord): Promise<void> {
    const ingest = { role: 'ingest' } as const
    try {
      const manifest = await writeExport(claimed, {
        ...options,
        async onProgress(progress) {
          signal.throwIfAborted()
          const leasedUntil = inMs(limits.leaseMs)
          const isOurs = await database.write(ingest, (tx) => renewExport(tx, claimed, progress, leasedUntil))
          if (!isOurs) throw new Error('another worker has taken this export')
        },
      })
      await database.write(ingest, (tx) => finishExport(tx, claimed, manifest))
    } catch (error) {
      if (signal.aborted) return database.write(ingest, (tx) => postponeExport(tx, claimed, wallNow()))
      log.error({ err: error, export: claimed.id, attempt: claimed.attempts }, 'an export could not be written')
      await database.write(ingest, (tx) =>
        claimed.attempts < limits.attempts
          ? postponeExport(tx, claimed, inMs(limits.retryMs))
          : failExport(
              tx,
              claimed,
              'The file could not be written; ask for it again, and tell an operator if that fails too.',
            ),
      )
    }
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}
