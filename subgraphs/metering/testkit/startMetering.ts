import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { factsFeed, publishFact } from '../../../platform/facts/facts.ts'
import type { FactKind, Facts } from '../../../platform/facts/kinds.ts'
import type { BatchAnswer, Observation } from '../../../platform/link/protocol.ts'
import { testPostgres, untilSettled } from '../../../test/testkit/database.ts'
import { testDeps, testGraph } from '../../../test/testkit/subgraph.ts'
import { createMeteringSubgraph } from '../subgraph.ts'
import { idOf, jobFact, projectFact, T0 } from './builders.ts'

export type Metering = Awaited<ReturnType<typeof startMetering>>
type Unnumbered = Observation extends infer Each ? (Each extends unknown ? Omit<Each, 'seq'> : never) : never

/** The subgraph on a database of its own, following a tenants and a jobs subgraph that consist of their facts alone. */
export async function startMetering() {
  const postgres = await testPostgres()
  const own = postgres.open('metering')
  const sources = { tenants: postgres.open('tenants'), jobs: postgres.open('jobs') }
  const exportsDir = await mkdtemp(join(tmpdir(), 'sluice-exports-'))
  onTestFinished(() => rm(exportsDir, { recursive: true }))
  const deps = { ...testDeps(own), exportsDir, publicUrl: () => 'http://sluice.example' }
  deps.clock.set(T0)
  const subgraph = await createMeteringSubgraph(deps)
  const graph = testGraph(subgraph, deps)
  const tenants = factsFeed(sources.tenants.database, sources.tenants.wakeups)
  const jobs = factsFeed(sources.jobs.database, sources.jobs.wakeups)
  subgraph.follow({ tenants, jobs, inventory: tenants, metering: subgraph.facts })

  async function publish<K extends FactKind>(from: 'tenants' | 'jobs', kind: K, tenantId: string, fact: Facts[K]) {
    await sources[from].database.write({ role: 'ingest' }, (tx) => publishFact(tx, kind, tenantId, fact))
  }

  let epoch = 1
  let number = 0
  let seq = 0

  return {
    ...graph,
    subgraph,
    deps,
    database: own.database,
    exportsDir,
    subgraphTokens: deps.subgraphTokens,

    /** Two tenants with a project each. */
    async publishTenants(): Promise<void> {
      for (const [n, slug] of [
        [1, 'acme'],
        [2, 'other'],
      ] as const) {
        const id = idOf('tenant', n)
        await publish('tenants', 'tenant', id, { id, slug, name: slug })
        await publish('tenants', 'project', id, projectFact({ id: idOf('project', n), tenantId: id, tenantSlug: slug }))
      }
    },

    async publishJob(overrides: Partial<Facts['job']> = {}): Promise<void> {
      const fact = jobFact(overrides)
      await publish('jobs', 'job', fact.tenantId, fact)
    },

    /** The next batch of the agent; domain time goes to `through` first. */
    observe(through: string, ...records: Unnumbered[]): Promise<BatchAnswer> {
      deps.clock.set(through)
      number += 1
      return subgraph.link.observe({
        clusterId: idOf('cluster', 1),
        epoch,
        number,
        through,
        records: records.map((record) => ({ ...record, seq: ++seq }) as Observation),
      })
    },

    /** A new agent takes over and begins with its first batch. */
    restartAgent(): void {
      epoch += 1
      number = 0
    },

    /** Outcomes published, the newest of each job, with how often anything was published. */
    async outcomes(): Promise<Facts['metered'][]> {
      await untilSettled(own.database)
      const { entries } = await subgraph.facts.read(undefined, 500)
      return entries.map(({ body }) => body as unknown as Facts['metered'])
    },

    factsHead: () => subgraph.facts.head(),
  }
}
