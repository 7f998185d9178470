import { type FactsFeed, factsFeed, publishFact } from '../../platform/facts/facts.ts'
import type { Facts } from '../../platform/facts/kinds.ts'
import type { Claims } from '../../platform/identity/identity.ts'
import type {
  Directive,
  NodeObservation,
  Observation,
  ObservationBatch,
  PodObservation,
  QueueObservation,
} from '../../platform/link/protocol.ts'
import { testPostgres, untilSettled } from '../../test/testkit/database.ts'
import { operator, testDeps, testGraph } from '../../test/testkit/subgraph.ts'
import { createInventorySubgraph } from './subgraph.ts'

export const CREATE_QUEUE = `mutation ($input: CreateQueueInput!) {
  createQueue(input: $input) { queue { id name generation tenant { id } parent { name } } userErrors { code field message } }
}`
export const UPDATE_QUEUE = `mutation ($input: UpdateQueueInput!) {
  updateQueue(input: $input) { queue { id generation weight quotas { flavor nominalQuota } parent { name } } userErrors { code field } }
}`

/** The subgraph on a database of its own, following a tenants subgraph that consists of its facts alone. */
export async function startInventory() {
  const postgres = await testPostgres()
  const own = postgres.open('inventory')
  const tenants = postgres.open('tenants')
  const deps = testDeps(own)
  const subgraph = await createInventorySubgraph(deps)
  const graph = testGraph(subgraph, deps)
  let isAway = false
  const present = factsFeed(tenants.database, tenants.wakeups)
  const unless = <T>(answer: () => Promise<T>) => (isAway ? Promise.reject(new Error('away')) : answer())
  const feed: FactsFeed = {
    head: () => unless(() => present.head()),
    read: (after, limit) => unless(() => present.read(after, limit)),
    onChange: (run) => present.onChange(run),
  }
  subgraph.follow({ tenants: feed, inventory: subgraph.facts, jobs: feed, metering: feed })

  async function createQueue(input: object, as: Claims = operator) {
    const { data } = await graph.ask<CreatedQueue>(as, CREATE_QUEUE, { input })
    return data.createQueue
  }

  return {
    subgraph,
    graph,
    database: own.database,
    clock: deps.clock,
    async publishTenant(id: string, slug: string): Promise<void> {
      await tenants.database.write({ role: 'ingest' }, (tx) => publishFact(tx, 'tenant', id, { id, slug, name: slug }))
    },
    async publishProject(project: Omit<Facts['project'], 'slug' | 'name'>): Promise<void> {
      const fact = { ...project, slug: 'research', name: 'Research' }
      await tenants.database.write({ role: 'ingest' }, (tx) => publishFact(tx, 'project', project.tenantId, fact))
    },
    /** From now on the tenants subgraph answers nobody. */
    tenantsGoAway(): void {
      isAway = true
    },
    createQueue,
    /** Of a queue that must come to be. */
    async queueId(input: object): Promise<string> {
      const { queue, userErrors } = await createQueue(input)
      if (!queue) throw new Error(JSON.stringify(userErrors))
      return queue.id
    },
    async hello(name = 'local'): Promise<string> {
      const answer = await subgraph.link.hello?.({ name, kubernetesVersion: 'v1.36.0' })
      return answer !== undefined && 'clusterId' in answer ? answer.clusterId : ''
    },
    async directives(clusterId: string): Promise<Directive[]> {
      await untilSettled(own.database)
      const request = { clusterId, limit: 100, waitMs: 0 }
      return (await subgraph.link.directives(request, new AbortController().signal)).directives
    },
    /** The newest body of each fact. */
    async facts(kind: string): Promise<unknown[]> {
      await untilSettled(own.database)
      const page = await subgraph.facts.read(undefined, 500)
      return page.entries.filter((entry) => entry.kind === kind).map(({ body }) => body)
    },
    observer: (clusterId: string) => observer((batch) => subgraph.link.observe(batch), clusterId),
  }
}

interface CreatedQueue {
  createQueue: { queue: { id: string } | null; userErrors: { code: string; message: string }[] }
}

/** Sends batches as an agent does: numbered, and with a resync at the start of an epoch. */
function observer(observe: (batch: ObservationBatch) => Promise<unknown>, clusterId: string) {
  let epoch = 1
  let number = 0
  let seq = 0
  return {
    send: (...records: Unnumbered[]) => {
      number += 1
      return observe({
        clusterId,
        epoch,
        number,
        through: '2026-01-01T00:01:00.000Z',
        records: records.map((record) => ({ ...record, seq: ++seq })),
      })
    },
    restart() {
      epoch += 1
      number = 0
    },
  }
}

type Unnumbered = Observation extends infer Each ? (Each extends unknown ? Omit<Each, 'seq'> : never) : never

export function node(name: string, more: Partial<NodeObservation> = {}): Unnumbered & { kind: 'node' } {
  return {
    kind: 'node',
    name,
    pool: 'a100',
    ready: true,
    cpuMilli: 64_000,
    memoryMiB: 524_288,
    gpuModel: 'A100',
    deviceControl: 'SIMULATED',
    devices: [0, 1].map((index) => ({ index, uuid: `GPU-${name}-${index}`, memoryMiB: 81_920, health: 'Healthy' })),
    ...more,
  }
}

/** Bound, running, with half of the first device of its node. */
export function pod(
  uid: string,
  onNode: string | null,
  more: Partial<PodObservation> = {},
): Unnumbered & { kind: 'pod' } {
  return {
    kind: 'pod',
    uid,
    namespace: 't-acme-research',
    name: uid,
    tenantId: 'acme',
    projectId: 'research',
    jobUid: null,
    jobId: null,
    node: onNode,
    phase: 'Running',
    reason: null,
    createdAt: '2026-01-01T00:00:00Z',
    admittedAt: '2026-01-01T00:00:00Z',
    startedAt: null,
    finishedAt: null,
    exitCode: null,
    slot: 0,
    cpuMilli: 1000,
    memoryMiB: 1024,
    devices: [{ index: 0, uuid: null, model: 'A100', share: '0.5', identity: 'ASSIGNED' }],
    ...more,
  }
}

export function queueObservation(name: string, more: Partial<QueueObservation> = {}): Unnumbered & { kind: 'queue' } {
  return { kind: 'queue', name, pending: 0, admitted: 0, usedGpus: '0', pendingGpus: '0', ...more }
}
