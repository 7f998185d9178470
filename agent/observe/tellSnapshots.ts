import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { DomainClock } from '../../platform/clock.ts'
import type { Observation, QueueFiguresObservation } from '../../platform/link/protocol.ts'
import type { Log } from '../../platform/log.ts'
import type { Timers } from '../../platform/timers.ts'
import type { Scheduler } from '../../scheduler/live/scheduler.ts'
import type { Resource } from '../../scheduler/model/queue.ts'
import { Memo } from '../../scheduler/plan/memo.ts'
import { queueFigures } from '../../scheduler/plan/queueFigures.ts'
import { SnapshotWriter } from '../../scheduler/whatif/snapshotText.ts'
import type { Rider } from './outbox.ts'

/** What the scheduler plans from, for the control plane to ask the same: the newest, or nothing. */
export interface SnapshotTeller {
  /** To be told; null: nothing is new. */
  newest(): Rider | null
  acknowledged(records: readonly Observation[]): void
  /** Whoever listens has forgotten everything. */
  retell(): void
  stop(): void
}

interface SnapshotTellerOptions {
  scheduler: Pick<Scheduler, 'snapshot' | 'version'>
  clock: Pick<DomainClock, 'nowMs'>
  log: Log
  timers: Timers
}

const LOOK_MS = 500
/** Between two that are told: small ones often, and large ones so that they take no more of the link than this. */
const BYTES_PER_SECOND = 20_000
const LEAST_PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 30_000
/** Where nothing changes, that is said so often. */
const QUIET_MS = 30_000
/** A batch may have 16 MB. */
const MAX_CHARACTERS = 12_000_000

const compress = promisify(gzip)

/**
 * Makes one from time to time where something changed, and says from time to time that nothing did. One that has not
 * been acknowledged is replaced by the next, so that with the control plane away nothing piles up.
 */
export function tellSnapshots({ scheduler, clock, log, timers }: SnapshotTellerOptions): SnapshotTeller {
  const writer = new SnapshotWriter()
  const memo = new Memo()
  let ready: Rider | null = null
  let toldVersion = 0
  /** Until the next may be made. */
  let pauseMs = 0
  /** Since the last was. */
  let quietMs = QUIET_MS
  let isStopped = false
  let cancel = () => {}
  look()

  function look(): void {
    pauseMs -= LOOK_MS
    quietMs += LOOK_MS
    const { version } = scheduler
    const isNew = version !== toldVersion && version !== ready?.version
    if (version > 0 && (quietMs >= QUIET_MS || (isNew && pauseMs <= 0))) void make().finally(again)
    else again()
  }

  function again(): void {
    if (!isStopped) cancel = timers.after(LOOK_MS, look)
  }

  async function make(): Promise<void> {
    const { version } = scheduler
    const at = new Date(clock.nowMs()).toISOString()
    quietMs = 0
    if (version === toldVersion) {
      ready = { kind: 'snapshot', version, at, body: null, queues: [] }
      return
    }
    const text = writer.write(scheduler.snapshot)
    const queues = figuresTold(queueFigures(scheduler.snapshot, clock.nowMs(), memo))
    const body = (await compress(text)).toString('base64')
    pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, (body.length / BYTES_PER_SECOND) * 1_000))
    if (body.length <= MAX_CHARACTERS) ready = { kind: 'snapshot', version, at, body, queues }
    else log.warn({ characters: body.length }, 'the cluster is too large to be told as a whole; what-if has no answers')
  }

  return {
    newest: () => ready,
    acknowledged(records) {
      const told = records.find((record) => record.kind === 'snapshot')
      if (told === undefined) return
      toldVersion = told.version
      if (ready?.version === told.version && ready.at === told.at) ready = null
    },
    retell() {
      toldVersion = 0
      ready = null
      pauseMs = 0
      quietMs = QUIET_MS
    },
    stop() {
      isStopped = true
      cancel()
    },
  }
}

function figuresTold(figures: ReturnType<typeof queueFigures>): QueueFiguresObservation[] {
  return figures.map(({ queue, weightedShare, cells }) => ({
    name: queue,
    weightedShare,
    cells: cells.map(({ flavor, resource, nominal, ...amounts }) => ({
      flavor,
      resource,
      nominal: nominal === null ? null : amount(nominal, resource),
      used: amount(amounts.used, resource),
      pending: amount(amounts.pending, resource),
      borrowed: amount(amounts.borrowed, resource),
      lent: amount(amounts.lent, resource),
      reclaimable: amount(amounts.reclaimable, resource),
    })),
  }))
}

/** Thousandths of GPUs and cores as decimals, MiB as they are. */
function amount(value: number, resource: Resource): string {
  return String(resource === 'MEMORY' ? value : value / 1000)
}
