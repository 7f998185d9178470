/**
 * Deliveries of one gateway: many subscribers, each event with an entity that a second subgraph
 * completes. Subgraphs keep everything in memory; clients run in a thread of their own. CPU time is
 * that of the gateway's thread, with the subgraphs' execution in it.
 *
 *   node bench/subscriptions.ts [--json] [--subscribers N] [--events N] [--rate N] [--tokens N]
 *
 * `--rate` events a second go to every subscriber. `--tokens` is over how many callers they spread.
 */
import { once } from 'node:events'
import { cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { createClient } from 'graphql-ws'
import { pino } from 'pino'
import WebSocket from 'ws'

const EVENTS = 'subscription { jobEvents { cursor job { id name cost } } }'

interface Audience {
  url: string
  tokens: string[]
  subscribers: number
}

if (isMainThread) await measure()
else listen(workerData as Audience)

async function measure(): Promise<void> {
  const { startGateway } = await import('../gateway/gateway.ts')
  const { createTestSubgraphs } = await import('../gateway/testkit/subgraphs.ts')
  const { createTokens } = await import('../platform/identity/identity.ts')
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      subscribers: { type: 'string', default: '500' },
      events: { type: 'string', default: '100' },
      rate: { type: 'string', default: '20' },
      tokens: { type: 'string', default: '10' },
    },
  })
  const subscribers = Number(values.subscribers)
  const eventCount = Number(values.events)

  const wall = { nowMs: () => Date.now() }
  const client = createTokens({ secret: new Uint8Array(32).fill(1), audience: 'client', wall })
  const subgraph = createTokens({ secret: new Uint8Array(32).fill(2), audience: 'subgraph', wall })
  const { list: subgraphs, jobs, events, meteringFetches } = createTestSubgraphs(subgraph, wall)
  jobs.set('job_1', { id: 'job_1', name: 'train', tenantId: 'tenant_1' })
  const log = pino({ enabled: false })
  const gateway = await startGateway({
    subgraphs,
    tokens: { client, subgraph },
    wall,
    log,
    host: '127.0.0.1',
    port: 0,
  })
  const tokens = await Promise.all(
    Array.from({ length: Number(values.tokens) }, (_, index) =>
      client.issue({ kind: 'operator', subject: `bench-${index}` }, 3_600),
    ),
  )
  const audience = new Worker(new URL(import.meta.url), { workerData: { url: gateway.url, tokens, subscribers } })
  while (events.listeners < subscribers) await pause(20)

  const delivered = async (count: number) => {
    for (;;) if (((await once(audience, 'message'))[0] as number) >= count) return
  }
  async function push(from: number, count: number): Promise<void> {
    const all = delivered((from + count) * subscribers)
    for (let event = from; event < from + count; event += 1) {
      events.push({ cursor: String(event), jobId: 'job_1' })
      await pause(1_000 / Number(values.rate))
    }
    await all
  }

  await push(0, 10) // warms up
  const fetchesBefore = meteringFetches()
  const cpuBefore = process.threadCpuUsage()
  const startMs = performance.now()
  await push(10, eventCount)
  const wallMs = performance.now() - startMs
  const { user, system } = process.threadCpuUsage(cpuBefore)
  const deliveries = eventCount * subscribers
  const cpuMs = (user + system) / 1_000
  const result = {
    node: process.version,
    cpu: cpus()[0]?.model,
    subscribers,
    callers: tokens.length,
    deliveriesPerSecond: Math.round((deliveries / wallMs) * 1_000),
    cpuMsPerDelivery: Math.round((cpuMs / deliveries) * 10_000) / 10_000,
    deliveriesPerCpuSecond: Math.round((deliveries / cpuMs) * 1_000),
    entityFetchesPerEvent: (meteringFetches() - fetchesBefore) / eventCount,
    residentMb: Math.round(process.memoryUsage.rss() / 1e6),
  }
  console.log(values.json ? JSON.stringify(result, null, 2) : result)
  await audience.terminate()
  await gateway.stop()
}

/** Twenty subscribers share a socket, as the tabs of a dashboard do; reports how many results have come. */
function listen({ url, tokens, subscribers }: Audience): void {
  let received = 0
  for (let subscriber = 0; subscriber < subscribers; subscriber += 20) {
    const token = tokens[(subscriber / 20) % tokens.length]
    const client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
    })
    const sink = {
      next: () => {
        received += 1
        if (received % subscribers === 0) parentPort?.postMessage(received)
      },
      error: (error: unknown) => {
        throw error
      },
      complete: () => {},
    }
    for (let tab = 0; tab < Math.min(20, subscribers - subscriber); tab += 1) client.subscribe({ query: EVENTS }, sink)
  }
}
