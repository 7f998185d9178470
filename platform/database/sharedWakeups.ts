import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { SubgraphName } from '../link/protocol.ts'
import type { Log } from '../log.ts'
import type { Wakeups } from '../wakeups.ts'
import { type ConnectionOptions, clientConfig } from './connection.ts'

export interface SharedWakeups extends Wakeups {
  close(): Promise<void>
}

interface SharedOptions {
  subgraph: SubgraphName
  connection: ConnectionOptions
  /** Of this process. */
  wakeups: Wakeups
  log: Log
}

/** Wake-ups of so long go together: a NOTIFY takes a lock that all commits of the server pass through. */
const GATHERED_MS = 10
/** Postgres takes 8,000. */
const MAX_PAYLOAD_BYTES = 7_000

/** Between a lost connection and the next one. */
const RECONNECT_MS = 500
const CLOSE_WITHIN_MS = 1_000

/**
 * Wake-ups that reach every process of a subgraph, by LISTEN and NOTIFY on a connection of their own. As
 * in one process they carry nothing, and may be lost: while the connection is down, all look each second.
 */
export async function shareWakeups({ subgraph, connection, wakeups, log }: SharedOptions): Promise<SharedWakeups> {
  const channel = `sluice_${subgraph}`
  const self = randomUUID()
  const due = new Set<string>()
  let sending: NodeJS.Timeout | undefined
  let reconnecting: NodeJS.Timeout | undefined
  let isClosed = false
  let client: pg.Client | undefined

  /** Each connection is followed by another one, until `close`. */
  async function listen(): Promise<void> {
    const next = new pg.Client(clientConfig(connection))
    client = next
    next.on('error', () => {}) // its end says enough
    next.on('notification', ({ payload = '[]' }) => hear(payload))
    next.once('end', () => {
      if (!isClosed) reconnecting = setTimeout(listen, RECONNECT_MS)
    })
    try {
      await next.connect()
      await next.query(`listen ${channel}`)
    } catch (error) {
      log.debug({ err: error, subgraph }, 'wake-ups of other processes are not heard')
      await next.end()
    }
  }

  function hear(payload: string): void {
    const [sender, ...topics] = JSON.parse(payload) as string[]
    if (sender === self) return
    for (const topic of topics) wakeups.notify(topic)
  }

  async function send(): Promise<void> {
    sending = undefined
    const payloads = payloadsOf(self, [...due])
    due.clear()
    try {
      for (const payload of payloads) await client?.query('select pg_notify($1, $2)', [channel, payload])
    } catch (error) {
      log.debug({ err: error, subgraph }, 'a wake-up was lost')
    }
  }

  await listen()
  return {
    on: wakeups.on,
    wait: wakeups.wait,
    notify(topic) {
      wakeups.notify(topic)
      due.add(topic)
      sending ??= setTimeout(send, GATHERED_MS)
    },
    async close() {
      isClosed = true
      clearTimeout(sending)
      clearTimeout(reconnecting)
      // A server that answers nothing does not close its side either; the process must not wait for it.
      await Promise.race([client?.end(), wait(CLOSE_WITHIN_MS, undefined, { ref: false })])
    },
  }
}

function payloadsOf(self: string, topics: readonly string[]): string[] {
  const payloads: string[] = []
  let gathered: string[] = []
  let bytes = 0
  for (const topic of topics) {
    const more = Buffer.byteLength(JSON.stringify(topic)) + 1
    if (bytes + more > MAX_PAYLOAD_BYTES) {
      payloads.push(JSON.stringify([self, ...gathered]))
      gathered = []
      bytes = 0
    }
    gathered.push(topic)
    bytes += more
  }
  return gathered.length === 0 ? payloads : [...payloads, JSON.stringify([self, ...gathered])]
}
