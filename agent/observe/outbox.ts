import type { DomainClock } from '../../platform/clock.ts'
import type { Observation, ObservationBatch, SubgraphName } from '../../platform/link/protocol.ts'
import type { Log } from '../../platform/log.ts'
import { backoffMs, pause, type Timers } from '../../platform/timers.ts'
import type { Link } from '../link/link.ts'

/** What one subgraph still has to be told, in order. */
export interface Outbox {
  add(record: Observation): void
  /** Records not yet acknowledged. */
  readonly backlog: number
  /** Begins anew under a new epoch: what waited is dropped, since all there is will be added again. */
  restart(epoch: number): void
  /** Sends a batch even where there is nothing to tell, so that the subgraph knows how far the cluster has been observed. */
  heartbeat(): void
  stop(): Promise<void>
}

interface OutboxOptions {
  subgraph: SubgraphName
  clusterId: string
  link: Link
  clock: Pick<DomainClock, 'nowMs'>
  log: Log
  timers: Timers
  random: () => number
  /** The batch's records have been applied (or put in quarantine). */
  onAcknowledged(records: readonly Observation[]): void
  /** Everything must be told again, under an epoch above `knownEpoch`. */
  onResyncNeeded(knownEpoch: number): void
}

const BATCH_SIZE = 500
/** With the control plane away for long, telling all there is costs less than telling all that was. */
export const MAX_BACKLOG = 50_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 10_000

export function startOutbox(options: OutboxOptions): Outbox {
  const { subgraph, clusterId, link, clock, log, timers, random } = options
  const stopping = new AbortController()
  const { signal } = stopping
  let records: Observation[] = []
  let epoch = 0
  let number = 0
  let through = new Date(0).toISOString()
  let heartbeatDue = false
  let wake: () => void = () => {}

  async function send(): Promise<void> {
    const sent = records.slice(0, BATCH_SIZE)
    const sentEpoch = epoch
    heartbeatDue = false
    // Only a batch that leaves nothing behind says that the cluster has been observed up to now.
    if (sent.length === records.length) through = new Date(clock.nowMs()).toISOString()
    const batch: ObservationBatch = { clusterId, epoch, number: number + 1, through, records: sent }
    const answer = await link.observe(subgraph, batch)
    if (epoch !== sentEpoch) return
    if (answer.outcome !== 'applied') {
      log.warn(
        { subgraph, expected: answer.expected, batch: batch.number },
        'out of step with the control plane; telling everything again',
      )
      options.onResyncNeeded(answer.expected.epoch)
      return
    }
    number += 1
    records = records.slice(sent.length)
    options.onAcknowledged(sent)
  }

  async function run(): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      if (epoch === 0 || (records.length === 0 && !heartbeatDue)) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      try {
        await send()
        failures = 0
      } catch (error) {
        failures += 1
        if (failures === 1) log.warn({ err: error, subgraph }, 'observations could not be sent; trying again')
        await pause(timers, backoffMs(failures, FIRST_RETRY_MS, LAST_RETRY_MS, random), signal)
      }
    }
  }

  const running = run()
  return {
    get backlog() {
      return records.length
    },
    add(record) {
      records.push(record)
      if (records.length > MAX_BACKLOG) options.onResyncNeeded(epoch)
      wake()
    },
    restart(newEpoch) {
      epoch = newEpoch
      number = 0
      records = []
      wake()
    },
    heartbeat() {
      heartbeatDue = true
      wake()
    },
    async stop() {
      stopping.abort()
      wake()
      await running
    },
  }
}
