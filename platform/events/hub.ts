import { setTimeout as pause } from 'node:timers/promises'
import type { Database, Tx } from '../database/database.ts'
import type { Log } from '../log.ts'
import { outageOf } from '../outage.ts'
import { sampled } from '../telemetry/metrics.ts'
import type { Wakeups } from '../wakeups.ts'
import { CursorError, decodeCursor, encodeCursor } from './cursor.ts'
import { eventsTopic, logEpoch, type NewEvent, readEvents, settledPosition } from './events.ts'
import { comparePosition, type Position, SETTLING_MS } from './positions.ts'
import { createSubscriber, type Subscriber } from './subscriber.ts'

/** An event as subscribers get it: with the cursor to resume after it. */
export interface StoredEvent extends NewEvent {
  cursor: string
}
/** The reader was too slow; the stream ends here and can be resumed after `cursor`. */
export interface Lagged {
  lagged: true
  cursor: string
}

export interface EventHub {
  /**
   * Everything after `after` (or from now on), each event once, in order, then live.
   * @throws CursorError at the first next()
   */
  subscribe(options: SubscribeOptions): AsyncGenerator<StoredEvent | Lagged, void, void>
  /** A cursor for a reader of this snapshot: subscribing after it misses nothing that the snapshot did not show. */
  cursor(tx: Tx, tenantId: string | null): Promise<string>
  close(): Promise<void>
}

export interface SubscribeOptions {
  /** null: every stream. */
  tenantId: string | null
  after?: string | null | undefined
  accepts: (event: NewEvent) => boolean
  signal?: AbortSignal | undefined
}

interface HubOptions {
  database: Database
  wakeups: Wakeups
  log: Log
  limits?: { bufferedEvents: number; pageSize: number; pollMs: number }
}

const DEFAULT_LIMITS = { bufferedEvents: 1_000, pageSize: 500, pollMs: 1_000 }

/** One reader of the log per process; subscribers share what it reads. */
export function createEventHub({ database, wakeups, log, limits = DEFAULT_LIMITS }: HubOptions): EventHub {
  const subscribers = new Set<Subscriber>()
  const closing = new AbortController()
  const { subgraph } = database
  const endCount = sampled('sluice_subscribers', (sample) => sample(subscribers.size, { subgraph }))
  let started: Promise<void> | undefined
  let tail: Promise<void> | undefined
  let epoch: string | undefined

  const readPage = (tenantId: string | null, after: Position) =>
    database.read({ role: 'ingest' }, (tx) => readEvents(tx, { tenantId, after, limit: limits.pageSize }))
  const settledNow = () => database.read({ role: 'ingest' }, settledPosition)
  const currentEpoch = async () => (epoch ??= await database.read({ role: 'ingest' }, logEpoch))

  async function followTail(from: Position): Promise<void> {
    let position = from
    const outage = outageOf(log, { subgraph: database.subgraph }, 'the event log cannot be read')
    while (!closing.signal.aborted) {
      const woken = wakeups.wait(eventsTopic(database.subgraph), limits.pollMs, closing.signal)
      try {
        const { events, isFull, isMoreComing, isCut } = await readPage(null, position)
        // Out of touch with the database for longer than events are kept: no subscriber has seen all of them.
        if (isCut) for (const subscriber of subscribers) subscriber.overflow()
        for (const event of events) for (const subscriber of subscribers) subscriber.offer(event)
        position = events.at(-1)?.position ?? position
        outage.over()
        if (isFull) continue
        if (isMoreComing) {
          await pause(SETTLING_MS)
          continue
        }
      } catch (error) {
        outage.failed(error)
      }
      await woken
    }
  }

  /**
   * The tail must stand at a settled position before a subscriber reads history: what the tail has
   * passed is in the table for sure, what it has not is offered to the subscriber.
   */
  async function join(subscriber: Subscriber): Promise<void> {
    subscribers.add(subscriber)
    started ??= settledNow().then((position) => {
      tail = followTail(position)
    })
    await started.catch((error) => {
      started = undefined
      throw error
    })
  }

  async function* stream(
    options: SubscribeOptions,
    signal: AbortSignal,
  ): AsyncGenerator<StoredEvent | Lagged, void, void> {
    const { tenantId, accepts } = options
    const now = await currentEpoch()
    let last = options.after ? startOf(options.after, database.subgraph, tenantId, now) : await settledNow()
    const cursorAt = (position: Position) =>
      encodeCursor({ subgraph: database.subgraph, tenantId, epoch: now, position })
    const subscriber = createSubscriber({ subgraph, tenantId, accepts, capacity: limits.bufferedEvents })
    await join(subscriber)
    try {
      for (;;) {
        subscriber.restart() // what overflowed while history was read is read from the table instead
        for (;;) {
          const { events, isFull, isCut } = await readPage(tenantId, last)
          if (isCut) throw expired()
          for (const event of events) {
            if (signal.aborted) return
            last = event.position
            if (accepts(event)) yield { ...event, cursor: cursorAt(last) }
          }
          if (!isFull) break
        }
        if (!subscriber.overflowed) break
      }
      for (;;) {
        const event = await subscriber.take(signal)
        if (signal.aborted) return
        if (event === 'overflowed') {
          yield { lagged: true, cursor: cursorAt(last) }
          return
        }
        if (comparePosition(event.position, last) <= 0) continue
        last = event.position
        yield { ...event, cursor: cursorAt(last) }
      }
    } finally {
      subscribers.delete(subscriber)
    }
  }

  return {
    subscribe: (options) => {
      const ending = new AbortController()
      const signals = [ending.signal, closing.signal, ...(options.signal ? [options.signal] : [])]
      return endable(stream(options, AbortSignal.any(signals)), ending)
    },
    async cursor(tx, tenantId) {
      // By the reader's own connection: waiting for another while it holds one could wait for ever.
      epoch ??= await logEpoch(tx)
      return encodeCursor({
        subgraph: database.subgraph,
        tenantId,
        epoch,
        position: await settledPosition(tx),
      })
    },
    async close() {
      endCount()
      closing.abort()
      await tail
    },
  }
}

function startOf(after: string, subgraph: string, tenantId: string | null, epoch: string): Position {
  const cursor = decodeCursor(after, subgraph)
  if (cursor.tenantId !== tenantId) {
    throw new CursorError('CURSOR_INVALID', 'This cursor belongs to another stream.')
  }
  if (cursor.epoch !== epoch) throw expired()
  return cursor.position
}

function expired(): CursorError {
  return new CursorError(
    'CURSOR_EXPIRED',
    'The history this cursor points into is gone; query the present state and subscribe after its eventsCursor.',
  )
}

/** A generator that waits cannot be told to return; this one is woken first. */
function endable<T>(generator: AsyncGenerator<T, void, void>, ending: AbortController): AsyncGenerator<T, void, void> {
  const inner = generator[Symbol.asyncIterator]()
  return {
    next: () => inner.next(),
    return: (value) => {
      ending.abort()
      return inner.return(value)
    },
    throw: (error) => {
      ending.abort()
      return inner.throw(error)
    },
    [Symbol.asyncIterator]() {
      return this
    },
    [Symbol.asyncDispose]: async () => {
      ending.abort()
      await inner.return()
    },
  }
}
