import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { request } from 'undici'
import { WebSocket } from 'ws'
import { bearer, codesOf } from '../../test/testkit/answers.ts'
import type { Cloud } from '../../test/testkit/cloud.ts'
import type { CloudTenant } from '../../test/testkit/cloudTenant.ts'
import { exportIntervals } from '../../test/testkit/intervals.ts'
import { seeded } from '../../test/testkit/seeded.ts'

/** What users, dashboards and agents do all day, at a rate that leaves the machine idle in between. */
export interface MixedLoad {
  /** How often each was done. */
  readonly done: Readonly<Record<string, number>>
  /** What failed, and why. Bounded: the first of them tell enough. */
  readonly failures: readonly string[]
  /** Resolves when the last request has been answered and every stream has ended. */
  stop(): Promise<void>
}

interface LoadOptions {
  cloud: Cloud
  tenants: readonly CloudTenant[]
  seed: number
}

/** Milliseconds from the end of one to the beginning of the next. */
const EVERY_MS = {
  submit: 400,
  cancel: 3_000,
  query: 200,
  page: 2_000,
  stream: 500,
  drop: 1_500,
  export: 20_000,
  agent: 5_000,
}
const STREAMS = 20
const MAX_FAILURES = 50

const JOB =
  'query ($id: ID!) { job(id: $id) { phase usage { gpuSeconds } cost { amount } pods { edges { node { phase } } } } }'
const PAGE =
  'query ($after: String) { jobs(first: 20, after: $after) { pageInfo { endCursor hasNextPage } edges { node { id phase queue { name } } } } }'
const EVENTS = 'subscription { jobEvents { cursor type job { id cost { amount } } } }'

export function startMixedLoad({ cloud, tenants, seed }: LoadOptions): MixedLoad {
  const random = seeded(seed)
  const done: Record<string, number> = {}
  const failures: string[] = []
  const stopping = new AbortController()
  const recent: { id: string; tenant: CloudTenant }[] = []
  const streams: (() => Promise<void> | void)[] = []
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)]
  const anyTenant = () => pick(tenants) as CloudTenant

  const works: Record<keyof typeof EVERY_MS, () => Promise<void>> = {
    async submit() {
      const tenant = anyTenant()
      const id = await tenant.submitJob({
        runSeconds: 1 + Math.floor(random() * 3),
        idempotencyKey: `soak-${seed}-${done.submit ?? 0}`,
      })
      recent.push({ id, tenant })
      if (recent.length > 100) recent.shift()
    },
    async cancel() {
      const last = recent.at(-1)
      if (last) await last.tenant.cancelJob(last.id)
    },
    async query() {
      const job = pick(recent)
      if (job) good(await cloud.ask(job.tenant.token, JOB, { id: job.id }))
    },
    async page() {
      const { token } = anyTenant()
      let after: string | null = null
      for (let pages = 0; pages < 5; pages += 1) {
        const answer: { data?: JobsPage | null } = good(await cloud.ask<JobsPage>(token, PAGE, { after }))
        after = answer.data?.jobs.pageInfo.endCursor ?? null
        if (!answer.data?.jobs.pageInfo.hasNextPage) break
      }
    },
    async stream() {
      if (streams.length >= STREAMS) await streams.shift()?.()
      streams.push(random() < 0.5 ? openSocket(cloud.url, anyTenant().token) : openEvents(cloud.url, anyTenant().token))
    },
    async drop() {
      const socket = new WebSocket(`${cloud.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
      const { token } = anyTenant()
      await new Promise<void>((resolve) => {
        socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: bearer(token) })))
        socket.on('message', (message) => {
          if (String(message).includes('connection_ack'))
            socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: EVENTS } }), () =>
              socket.terminate(),
            )
        })
        socket.on('error', () => {})
        socket.on('close', () => resolve())
      })
    },
    async export() {
      const tenant = anyTenant()
      const { url } = await exportIntervals(cloud, tenant)
      const { statusCode, body } = await request(url, { headers: bearer(tenant.token) })
      await body.dump()
      if (statusCode !== 200) throw new Error(`a download answered ${statusCode}`)
    },
    agent: () => reconnectAgent(cloud),
  }

  async function repeat(work: keyof typeof EVERY_MS): Promise<void> {
    while (!stopping.signal.aborted) {
      await works[work]().then(
        () => {
          done[work] = (done[work] ?? 0) + 1
        },
        (error) => void (failures.length < MAX_FAILURES && failures.push(`${work}: ${error}`)),
      )
      await pause(EVERY_MS[work], undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  const running = (Object.keys(works) as (keyof typeof EVERY_MS)[]).map(repeat)

  return {
    done,
    failures,
    async stop() {
      stopping.abort()
      await Promise.all(running)
      for (const end of streams) await end()
    },
  }
}

interface JobsPage {
  jobs: { pageInfo: { endCursor: string | null; hasNextPage: boolean } }
}

function good<Data>(answer: Awaited<ReturnType<Cloud['ask']>> & { data?: Data | null }): { data?: Data | null } {
  if (answer.errors) throw new Error(`${answer.query} was answered ${codesOf(answer)}`)
  return answer
}

/** @returns ends it in good order */
function openSocket(url: string, token: string): () => Promise<void> {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: bearer(token),
    retryAttempts: 0,
  })
  const ended = Promise.withResolvers<void>()
  const sink = { next: () => {}, error: () => ended.resolve(), complete: () => ended.resolve() }
  const unsubscribe = client.subscribe({ query: EVENTS }, sink)
  return async () => {
    unsubscribe()
    await client.dispose()
  }
}

/** @returns leaves in the middle, as browsers do */
function openEvents(url: string, token: string): () => void {
  const leaving = new AbortController()
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', ...bearer(token) }
  const body = JSON.stringify({ query: EVENTS })
  void request(`${url}/graphql`, { method: 'POST', headers, body, signal: leaving.signal })
    .then((answer) => answer.body.dump({ limit: Number.MAX_SAFE_INTEGER, signal: leaving.signal }))
    .catch(() => {})
  return () => leaving.abort()
}

/** An agent of another cluster says hello, waits for directives, and is cut off. */
async function reconnectAgent(cloud: Cloud): Promise<void> {
  const cluster = 'visiting'
  const token = await cloud.token({ kind: 'agent', subject: `agent:${cluster}`, cluster })
  const headers = { 'content-type': 'application/json', ...bearer(token) }
  const hello = await request(`${cloud.url}/link/hello`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ name: cluster, kubernetesVersion: 'v1.36.3' }),
  })
  const { clusterId } = (await hello.body.json()) as { clusterId: string }
  const leaving = new AbortController()
  const waiting = request(`${cloud.url}/link/jobs/directives`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ clusterId, limit: 100, waitMs: 20_000 }),
    signal: leaving.signal,
  })
  setTimeout(() => leaving.abort(), 500)
  await waiting.then(({ body }) => body.dump()).catch(() => {})
}
