import { sql } from 'drizzle-orm'
import type { DomainClock, WallClock } from '../clock.ts'
import type { Database, Tx } from '../database/database.ts'
import { count } from '../telemetry/metrics.ts'
import { leaveMark, markBefore, removeMarks } from './marks.ts'
import type { RetentionTask } from './tasks.ts'

export interface SweepOptions {
  database: Database
  /** Domain time. */
  clock: Pick<DomainClock, 'nowMs'>
  wall: WallClock
  tasks: readonly RetentionTask[]
  /** Rows deleted in one transaction. */
  batchRows: number
  /** Asked between two of them. */
  signal: AbortSignal
}

/** Of the shortest time that anything is kept: by so much at most it is kept longer than promised. */
const MARKS_PER_TIME = 100

/**
 * Deletes whatever has had its time, in small transactions, so that no reader of a log waits for one.
 * @returns false where another replica is at it, or it was told to stop; what is left waits for the next time
 */
export async function sweep(options: SweepOptions): Promise<boolean> {
  const { tasks, wall, clock, signal } = options
  const before = (keepMs: number) => new Date(wall.nowMs() - keepMs)
  const keeps = tasks.map(({ keepMs }) => keepMs)
  const marked = await asTheOnlyOne(options, async (tx) => {
    const everyMs = Math.min(...keeps) / MARKS_PER_TIME
    await leaveMark(tx, { wallNow: new Date(wall.nowMs()), domainNow: new Date(clock.nowMs()), everyMs })
    await removeMarks(tx, before(Math.max(...keeps)))
  })
  if (marked === 'busy') return false
  for (const task of tasks) {
    for (;;) {
      if (signal.aborted) return false
      const removed = await asTheOnlyOne(options, (tx) => removeBatch(tx, task, before(task.keepMs), options.batchRows))
      if (removed === 'busy') return false
      count('sluice_retention_removed_rows_total', { subgraph: options.database.subgraph, what: task.what }, removed)
      if (removed < options.batchRows) break
    }
  }
  return true
}

async function removeBatch(tx: Tx, task: RetentionTask, until: Date, batchRows: number): Promise<number> {
  const mark = await markBefore(tx, until)
  return mark === null ? 0 : task.remove(tx, mark, batchRows)
}

/** Two replicas that delete the same rows would only wait for one another. */
function asTheOnlyOne<T>({ database }: SweepOptions, run: (tx: Tx) => Promise<T>): Promise<T | 'busy'> {
  return database.write({ role: 'retention' }, async (tx) => {
    const [row] = await tx.execute<{ ours: boolean }>(
      sql`select pg_try_advisory_xact_lock(hashtextextended(${`retention/${database.subgraph}`}, 0)) as ours`,
    )
    return row?.ours ? run(tx) : 'busy'
  })
}
