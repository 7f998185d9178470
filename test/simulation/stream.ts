import { ClusterError, type WatchEvent, type WatchOptions } from '../../kubernetes/cluster.ts'
import type { Kind, Kinds } from '../../kubernetes/objects.ts'
import type { ConnectionDeps } from './connection.ts'

/**
 * One watch of one process. Events arrive in their order, each some time after it happened; the stream may end or
 * expire between any two of them, and what was on its way is lost with it.
 */
export function startStream<K extends Kind>(
  { server, process, network, time, trace }: ConnectionDeps,
  kind: K,
  { signal, ...options }: WatchOptions,
): AsyncIterator<WatchEvent<Kinds[K]>> {
  type Result = IteratorResult<WatchEvent<Kinds[K]>>
  const cut = new AbortController()
  const arrived: (Result | ClusterError)[] = []
  let waiting: PromiseWithResolvers<Result> | null = null
  let isOver = false
  let lastArrivalMs = time.nowMs
  let lastVersion = options.resourceVersion

  const stayed = network.onDown(end)
  signal.addEventListener('abort', end)
  process.onKill(end)
  if (signal.aborted) end()
  else sendLater(network.watchDelayMs(kind), () => void pump())

  /** For whoever reads; nothing comes after an end. */
  function end(): void {
    if (isOver) return
    finish({ done: true, value: undefined })
  }

  function finish(last: Result | ClusterError): void {
    isOver = true
    cut.abort()
    stayed()
    signal.removeEventListener('abort', end)
    hand(last)
  }

  function hand(next: Result | ClusterError): void {
    if (waiting === null) {
      arrived.push(next)
      return
    }
    const { resolve, reject } = waiting
    waiting = null
    if (next instanceof ClusterError) reject(next)
    else resolve(next)
  }

  /** Not before what was sent earlier. */
  function sendLater(delayMs: number, run: () => void): void {
    lastArrivalMs = Math.max(lastArrivalMs, time.nowMs + delayMs)
    time.after(
      lastArrivalMs - time.nowMs,
      process.gate(() => void (isOver || run())),
    )
  }

  async function pump(): Promise<void> {
    if (network.isDown) {
      finish(new ClusterError('UNAVAILABLE', 'the simulation: no connection'))
      return
    }
    try {
      for await (const event of server.watch(kind, { ...options, signal: cut.signal })) {
        if (isOver) return
        sendLater(network.watchDelayMs(kind), () => arrive(event))
      }
      sendLater(1, end)
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      sendLater(1, () => finish(error))
    }
  }

  function arrive(event: WatchEvent<Kinds[K]>): void {
    const fault = network.isDown ? 'end' : network.watchFault()
    if (fault === 'end') {
      end()
      return
    }
    if (fault === 'expire') {
      finish(new ClusterError('EXPIRED', 'the simulation: too old resource version'))
      return
    }
    const what =
      event.type === 'BOOKMARK' ? '' : ` ${event.object.metadata.name} ${event.object.metadata.resourceVersion}`
    trace.note(time.nowMs, `${process.name} sees ${kind} ${event.type}${what}`)
    if (event.type !== 'BOOKMARK') lastVersion = event.object.metadata.resourceVersion ?? lastVersion
    hand({ done: false, value: event })
    if (fault !== 'duplicate') return
    // A deletion told twice, or a version, are no news; and a bookmark says only how far it has come.
    hand({ done: false, value: event })
    hand({ done: false, value: { type: 'BOOKMARK', resourceVersion: lastVersion } })
  }

  return {
    next() {
      const next = arrived.shift()
      if (next instanceof ClusterError) return Promise.reject(next)
      if (next !== undefined) return Promise.resolve(next)
      if (isOver) return Promise.resolve({ done: true, value: undefined })
      waiting = Promise.withResolvers()
      return waiting.promise
    },
    return() {
      end()
      return Promise.resolve({ done: true, value: undefined })
    },
  }
}
