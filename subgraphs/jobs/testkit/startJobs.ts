import { type ExecutionResult, parse } from 'graphql'
import pino from 'pino'
import type { Database } from '../../../platform/database/database.ts'
import type { Facts } from '../../../platform/facts/kinds.ts'
import type { SubgraphRequest } from '../../../platform/graph/subgraph.ts'
import { type Claims, createTokens } from '../../../platform/identity/identity.ts'
import { createIds } from '../../../platform/ids.ts'
import type { BatchAnswer, Directive, Observation } from '../../../platform/link/protocol.ts'
import type { Wakeups } from '../../../platform/wakeups.ts'
import { untilSettled } from '../../../test/testkit/database.ts'
import { createJobsSubgraph } from '../subgraph.ts'
import { cluster, idOf, NOW, project, queue } from './builders.ts'
import { factsSource } from './factsSource.ts'

export const developer: Claims = {
  kind: 'member',
  subject: 'dev@acme',
  tenantId: idOf('tenant', 1),
  tenantSlug: 'acme',
  role: 'developer',
}
export const viewer: Claims = { ...developer, subject: 'viewer@acme', role: 'viewer' }
export const operator: Claims = { kind: 'operator', subject: 'ops' }
/** A developer of another tenant, whose project is `project` 2. */
export const stranger: Claims = { ...developer, subject: 'dev@other', tenantId: idOf('tenant', 2), tenantSlug: 'other' }

export type Answer<Data = Record<string, unknown>> = ExecutionResult<Data>

/** The jobs subgraph on a real database, with two tenants, a shared queue and a cluster that holds 16 GPUs. */
export async function startJobs({ database, wakeups }: { database: Database; wakeups: Wakeups }) {
  const clock = { ms: Date.parse(NOW), nowMs: () => clock.ms }
  const wall = { ms: Date.now(), nowMs: () => wall.ms }
  const subgraphTokens = createTokens({ secret: new Uint8Array(32).fill(7), audience: 'subgraph', wall })
  const subgraph = await createJobsSubgraph({
    database,
    wakeups,
    clock,
    wall,
    ids: createIds(),
    log: pino({ level: 'silent' }),
    subgraphTokens,
    exportsDir: '',
    publicUrl: () => '',
  })
  const sources = { tenants: factsSource(), inventory: factsSource(), metering: factsSource(), jobs: factsSource() }
  sources.tenants.publish('project', idOf('tenant', 1), project())
  sources.tenants.publish(
    'project',
    idOf('tenant', 2),
    project({
      id: idOf('project', 2),
      tenantId: idOf('tenant', 2),
      tenantSlug: 'other',
      slug: 'research',
      namespace: 't-other-research',
    }),
  )
  sources.inventory.publish('queue', null, queue())
  sources.inventory.publish('cluster', null, cluster())
  subgraph.follow(sources)

  const clusterId = idOf('cluster', 1)
  let epoch = 1
  let number = 0
  let seq = 0

  async function request(claims: Claims, query: string, variables?: Record<string, unknown>, ttlSeconds = 60) {
    return {
      document: parse(query),
      variables,
      identityToken: await subgraphTokens.issue(claims, ttlSeconds),
      requestId: 'request-1',
    } satisfies SubgraphRequest
  }

  return {
    database,
    subgraph,
    sources,
    clock,
    wall,

    async execute<Data = Record<string, unknown>>(
      claims: Claims,
      query: string,
      variables?: Record<string, unknown>,
    ): Promise<Answer<Data>> {
      const answer = await subgraph.execute(await request(claims, query, variables))
      if (Symbol.asyncIterator in answer) throw new Error('execute is for queries and mutations')
      return answer as Answer<Data>
    },

    async subscribe(claims: Claims, query: string, variables?: Record<string, unknown>, ttlSeconds?: number) {
      const answer = await subgraph.execute(await request(claims, query, variables, ttlSeconds))
      if (!(Symbol.asyncIterator in answer)) return { errors: answer.errors ?? [], events: null }
      return { errors: [], events: answer as AsyncGenerator<Answer, void, void> }
    },

    /** The next batch of the agent; sequence numbers are given in the order of the records. */
    observe(...records: Unnumbered[]): Promise<BatchAnswer> {
      number += 1
      return subgraph.link.observe({
        clusterId,
        epoch,
        number,
        through: new Date(clock.ms).toISOString(),
        records: records.map((record) => ({ ...record, seq: ++seq }) as Observation),
      })
    },

    /** A new agent takes over and begins with its first batch. */
    restartAgent(): void {
      epoch += 1
      number = 0
      seq = 0
    },

    /** Every directive to the cluster that stands. */
    async directives(): Promise<Directive[]> {
      await untilSettled(database)
      const page = await subgraph.link.directives({ clusterId, limit: 1_000, waitMs: 0 }, new AbortController().signal)
      return page.directives
    },

    /** Every fact published about jobs, the newest of each. */
    async jobFacts(): Promise<Facts['job'][]> {
      await untilSettled(database)
      const { entries } = await subgraph.facts.read(undefined, 1_000)
      return entries.map(({ body }) => body as unknown as Facts['job'])
    },
  }
}

type Unnumbered = Observation extends infer Each ? (Each extends unknown ? Omit<Each, 'seq'> : never) : never
export type Jobs = Awaited<ReturnType<typeof startJobs>>

export const SUBMIT = /* GraphQL */ `
  mutation ($input: SubmitJobInput!) {
    submitJob(input: $input) {
      job { id name phase submittedAt pending { code } }
      userErrors { code field message fix }
    }
  }
`

export function submission(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    projectId: idOf('project', 1),
    queue: 'default',
    name: 'train',
    image: 'registry.example/train:1',
    replicas: 2,
    resources: { cpu: '4', memoryMiB: 4096, gpu: { count: 4 } },
    ...overrides,
  }
}

/** Submits a job that nothing speaks against. @returns its id */
export async function submit(
  jobs: Jobs,
  overrides: Record<string, unknown> = {},
  claims: Claims = developer,
): Promise<string> {
  const answer = await jobs.execute<{ submitJob: { job: { id: string } | null } }>(claims, SUBMIT, {
    input: submission(overrides),
  })
  const id = answer.data?.submitJob.job?.id
  if (!id) throw new Error(`not submitted: ${JSON.stringify(answer)}`)
  return id
}
