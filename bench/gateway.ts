/**
 * What the gateway itself costs: a mutation that answers with one object, completed by a second
 * subgraph or not, on subgraphs that keep everything in memory. The clients run in a thread of their
 * own; CPU time is that of the gateway's thread, with the subgraphs' execution in it.
 *
 *   node bench/gateway.ts [--json] [--requests N] [--rate N]
 *
 * `--json` prints the result alone, as it is kept in bench/results/gateway.json.
 */
import { once } from 'node:events'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { pino } from 'pino'
import { Agent, request } from 'undici'

const MUTATIONS = {
  oneSubgraph: 'mutation ($name: String!) { submitJob(name: $name) { job { id name } userErrors { code message } } }',
  twoSubgraphs:
    'mutation ($name: String!) { submitJob(name: $name) { job { id name cost } userErrors { code message } } }',
}

interface Load {
  url: string
  token: string
  query: string
  requests: number
  /** Requests begun a second, whether or not earlier ones are answered; null: 16 clients, each as fast as it is answered. */
  ratePerSecond: number | null
}

if (isMainThread) await measure()
else parentPort?.postMessage(await run(workerData as Load))

async function measure(): Promise<void> {
  const { startGateway } = await import('../gateway/gateway.ts')
  const { createTestSubgraphs } = await import('../gateway/testkit/subgraphs.ts')
  const { createTokens } = await import('../platform/identity/identity.ts')
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      requests: { type: 'string', default: '10000' },
      rate: { type: 'string', default: '200' },
    },
  })
  const requests = Number(values.requests)
  const ratePerSecond = Number(values.rate)

  const wall = { nowMs: () => Date.now() }
  const client = createTokens({ secret: new Uint8Array(32).fill(1), audience: 'client', wall })
  const subgraph = createTokens({ secret: new Uint8Array(32).fill(2), audience: 'subgraph', wall })
  const subgraphs = createTestSubgraphs(subgraph, wall).list
  const log = pino({ enabled: false })
  const gateway = await startGateway({
    subgraphs,
    tokens: { client, subgraph },
    wall,
    log,
    host: '127.0.0.1',
    port: 0,
    limits: { tenantCostPerSecond: 1_000_000 }, // one caller alone, as fast as it is answered
  })
  const token = await client.issue({ kind: 'operator', subject: 'bench' }, 3_600)
  const load = { url: `${gateway.url}/graphql`, token, requests }

  const closed: Record<string, unknown> = {}
  for (const [name, query] of Object.entries(MUTATIONS)) {
    await loaded({ ...load, query, requests: Math.ceil(requests / 4), ratePerSecond: null }) // warms up
    const { wallMs, cpuMs } = await loaded({ ...load, query, ratePerSecond: null })
    closed[name] = {
      requestsPerSecond: Math.round((requests / wallMs) * 1_000),
      cpuMsPerRequest: round(cpuMs / requests),
    }
  }
  const open = await loaded({
    ...load,
    query: MUTATIONS.oneSubgraph,
    requests: ratePerSecond * 10,
    ratePerSecond,
  })
  const result = {
    node: process.version,
    cpu: cpus()[0]?.model,
    closed,
    open: {
      ratePerSecond,
      latencyMs: quantiles(open.latenciesMs),
      gatewayCpuShare: round(open.cpuMs / open.wallMs),
    },
    residentMb: Math.round(process.memoryUsage.rss() / 1e6),
  }
  console.log(values.json ? JSON.stringify(result, null, 2) : result)
  await gateway.stop()
}

async function loaded(load: Load): Promise<{ wallMs: number; cpuMs: number; latenciesMs: number[] }> {
  const client = new Worker(new URL(import.meta.url), { workerData: load })
  await once(client, 'online')
  const cpuBefore = process.threadCpuUsage()
  const [{ wallMs, latenciesMs }] = (await once(client, 'message')) as [Awaited<ReturnType<typeof run>>]
  const { user, system } = process.threadCpuUsage(cpuBefore)
  await client.terminate()
  return { wallMs, latenciesMs, cpuMs: (user + system) / 1_000 }
}

async function run({
  url,
  token,
  query,
  requests,
  ratePerSecond,
}: Load): Promise<{ wallMs: number; latenciesMs: number[] }> {
  const dispatcher = new Agent({ connections: ratePerSecond === null ? 16 : 256 })
  const latenciesMs: number[] = []
  let sent = 0

  async function submit(): Promise<void> {
    sent += 1
    const begunMs = performance.now()
    const answer = await request(url, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables: { name: `job-${sent}` } }),
    })
    const { data } = (await answer.body.json()) as { data?: { submitJob?: { job?: unknown } } }
    if (!data?.submitJob?.job) throw new Error(`The gateway answered ${answer.statusCode} without a job.`)
    latenciesMs.push(performance.now() - begunMs)
  }

  await submit()
  const startMs = performance.now()
  if (ratePerSecond === null) {
    const one = async () => {
      while (sent < requests) await submit()
    }
    await Promise.all(Array.from({ length: 16 }, one))
  } else {
    const running: Promise<void>[] = []
    while (sent < requests) {
      const dueCount = Math.min(requests, Math.floor(((performance.now() - startMs) / 1_000) * ratePerSecond) + 1)
      while (sent < dueCount) running.push(submit())
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await Promise.all(running)
  }
  return { wallMs: performance.now() - startMs, latenciesMs }
}

function quantiles(values: number[]): Record<string, number> {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
