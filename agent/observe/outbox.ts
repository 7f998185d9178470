import type { Observation, ObservationBatch, SnapshotObservation, SubgraphName } from '../../platform/link/protocol.ts'
import type { Log } from '../../platform/log.ts'
import { outageOf } from '../../platform/outage.ts'
import { record, sampled, secondsSince } from '../../platform/telemetry/metrics.ts'
import { backoffMs, pause, type Timers } from '../../platform/timers.ts'
import type { Link } from '../link/link.ts'

/** What one subgraph still has to be told, in order. Silent until the first `restart`. */
export interface Outbox {
  add(record: Observation): void
  /** Records not yet acknowledged; 1 where only a heartbeat is not. */
  readonly backlog: number
  /** Begins anew under a new epoch: what waited is dropped, since all there is will be added again. */
  restart(epoch: number): void
  /** Sends a batch even where there is nothing to tell, so that the subgraph knows how far the cluster has been observed. */
  heartbeat(): void
  /** At once; what has not been acknowledged is told by the next agent's resync. */
  stop(): Promise<void>
}

interface OutboxOptions {
  subgraph: SubgraphName
  clusterId: string
  link: Link
  /** Domain time up to which all that has happened has been added. */
  observedMs: () => number
  log: Log
  timers: Timers
  random: () => number
  /** What rides along with the next batch, whatever is in it, until it is acknowledged; null: nothing. */
  rider?: () => Rider | null
  /** The batch's records have been applied (or put in quarantine). */
  onAcknowledged(records: readonly Observation[]): void
  /** Everything must be told again, under an epoch above `knownEpoch`; until then the outbox takes nothing. */
  onResyncNeeded(knownEpoch: number): void
}

/** Has no place in the order of what is told. */
export type Rider = { kind: 'snapshot' } & SnapshotObservation

const BATCH_SIZE = 500
/**
 * Records on top of a resync. With the control plane away for longer than this lasts, telling all there
 * is costs less than telling all that was.
 */
export const MAX_BACKLOG = 50_000
/**
 * Between batches, so that what changes meanwhile travels together: under load a batch of ten costs each
 * subgraph about what one record would. The first after a rest goes at once.
 */
export const PACE_MS = 100
const BASE_RETRY_MS = 100
const LAST_RETRY_MS = 10_000
/** No epoch is 0: nothing is taken or sent. */
const SILENT = 0

export function startOutbox(options: OutboxOptions): Outbox {
  const { subgraph, clusterId, link, observedMs, log, timers, random } = options
  const stopping = new AbortController()
  const { signal } = stopping
  /** Of this epoch, so that nothing sent under an old one holds up the new one. */
  let sending = new AbortController()
  let epoch = SILENT
  let number = 0
  let records: Observation[] = []
  /** When the oldest of them was added, or the batch before it was acknowledged. */
  let waitingSinceMs = 0
  let maxRecords = Number.POSITIVE_INFINITY
  /** Sent, perhaps applied, not answered: sent again as it was, because the number alone tells a repetition. */
  let batch: ObservationBatch | null = null
  /** Of its records those that waited in order. */
  let own = 0
  let lastSeq = 0
  let throughMs = 0
  let resyncMs = 0
  let isHeartbeatDue = false
  let wake: () => void = () => {}

  function nextBatch(): ObservationBatch {
    let sent = records.slice(0, BATCH_SIZE)
    const end = sent.findIndex(({ kind }) => kind === 'resyncEnd')
    if (end >= 0) sent = sent.slice(0, end + 1)
    // Only a batch that leaves nothing behind says that the cluster has been observed up to now; one that
    // ends a resync leaves behind only what came after it.
    if (sent.length === records.length) throughMs = Math.max(throughMs, observedMs())
    else if (end >= 0) throughMs = Math.max(throughMs, resyncMs)
    isHeartbeatDue = false
    own = sent.length
    lastSeq = sent.at(-1)?.seq ?? lastSeq
    const rider = options.rider?.() ?? null
    if (rider !== null) sent = [...sent, { ...rider, seq: lastSeq }]
    return { clusterId, epoch, number: number + 1, through: new Date(throughMs).toISOString(), records: sent }
  }

  async function send(): Promise<void> {
    batch ??= nextBatch()
    const sent = batch
    const answer = await link.observe(subgraph, sent, sending.signal)
    if (batch !== sent) return // begun anew meanwhile
    if (answer.outcome !== 'applied') {
      const { expected } = answer
      log.warn({ subgraph, epoch, number: sent.number, expected }, 'out of step; everything will be told again')
      return fallSilent(expected.epoch)
    }
    batch = null
    number = sent.number
    records = records.slice(own)
    if (own > 0) record('sluice_link_observation_lag_seconds', { subgraph }, secondsSince(waitingSinceMs))
    waitingSinceMs = performance.now()
    options.onAcknowledged(sent.records)
  }

  function fallSilent(knownEpoch: number): void {
    begin(SILENT)
    options.onResyncNeeded(knownEpoch)
  }

  function begin(newEpoch: number): void {
    sending.abort()
    sending = new AbortController()
    epoch = newEpoch
    number = 0
    records = []
    maxRecords = Number.POSITIVE_INFINITY
    batch = null
    wake()
  }

  async function run(): Promise<void> {
    const outage = outageOf(log, { subgraph }, 'observations cannot be sent')
    for (let failures = 0; !signal.aborted; ) {
      if (epoch === SILENT || (records.length === 0 && batch === null && !isHeartbeatDue)) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      const sentEpoch = epoch
      try {
        await send()
        outage.over()
        failures = 0
        if (records.length < BATCH_SIZE) await pause(timers, PACE_MS, signal)
      } catch (error) {
        if (epoch !== sentEpoch || signal.aborted) continue
        failures += 1
        outage.failed(error)
        await pause(timers, backoffMs(failures, BASE_RETRY_MS, LAST_RETRY_MS, random), signal)
      }
    }
  }

  const endCount = sampled('sluice_link_observations_unacknowledged', (sample) => sample(records.length, { subgraph }))
  const running = run()
  return {
    get backlog() {
      return records.length > 0 ? records.length : Number(batch !== null || isHeartbeatDue)
    },
    add(observation) {
      if (epoch === SILENT) return
      if (records.length === 0) waitingSinceMs = performance.now()
      records.push(observation)
      if (observation.kind === 'resyncEnd') {
        resyncMs = observedMs()
        // However large the cluster, a resync fits: a limit that it broke would bring on the next one for ever.
        maxRecords = records.length + MAX_BACKLOG
      }
      if (records.length > maxRecords) {
        log.warn({ subgraph, backlog: records.length }, 'too much is untold; everything will be told again')
        return fallSilent(epoch)
      }
      wake()
    },
    restart: begin,
    heartbeat() {
      isHeartbeatDue = true
      wake()
    },
    async stop() {
      endCount()
      stopping.abort()
      sending.abort()
      wake()
      await running
    },
  }
}
