import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import type { SubgraphName } from '../link/protocol.ts'
import type { Log } from '../log.ts'
import type { Wakeups } from '../wakeups.ts'
import type { ConnectionOptions } from './address.ts'

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

/**
 * Wake-ups that reach every process of a subgraph, by LISTEN and NOTIFY on connections of their own. As
 * in one process they carry nothing, and may be lost: while the connection is down, all look each second.
 */
export async function shareWakeups({ subgraph, connection, wakeups, log }: SharedOptions): Promise<SharedWakeups> {
  const client = postgres({ ...connection, max: 1, onnotice: () => {} })
  const channel = `sluice_${subgraph}`
  const self = randomUUID()
  const due = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  function send() {
    timer = undefined
    const payloads = payloadsOf(self, [...due])
    due.clear()
    for (const payload of payloads) {
      client.notify(channel, payload).catch((error) => log.debug({ err: error, subgraph }, 'a wake-up was lost'))
    }
  }

  await client.listen(channel, (payload) => {
    const [sender, ...topics] = JSON.parse(payload) as string[]
    if (sender === self) return
    for (const topic of topics) wakeups.notify(topic)
  })

  return {
    on: wakeups.on,
    wait: wakeups.wait,
    notify(topic) {
      wakeups.notify(topic)
      due.add(topic)
      timer ??= setTimeout(send, GATHERED_MS)
    },
    async close() {
      clearTimeout(timer)
      await client.end({ timeout: 1 })
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
