import { afterAll, expect, test } from 'vitest'
import { type Answer, about, dataOf } from '../../testkit/answers.ts'
import { startCloud } from '../../testkit/cloud.ts'
import { until } from '../../testkit/until.ts'

/** On the default cluster: 8 nodes × 8 H100, 8 nodes × 8 A100, 4 nodes without GPUs. */
const cloud = await startCloud(afterAll)
const acme = await cloud.tenant('acme')
const bravo = await cloud.tenant('bravo')
const HOUR_MS = 3_600_000

const WHY = `query ($id: ID!) { job(id: $id) {
  pending { code message fix position estimatedStart estimateSureness
    numbers { resource asked free biggestHole } changes { kind message amount } }
  decisions { edges { node { at kind reason message } } }
} }`
interface Why {
  job: {
    pending: {
      code: string
      estimatedStart: string | null
      estimateSureness: string | null
      numbers: { resource: string; asked: string; free: string; biggestHole: string | null } | null
      changes: { kind: string; message: string; amount: string | null }[] | null
    } | null
    decisions: { edges: { node: { kind: string; reason: string | null } }[] }
  } | null
}
const PREVIEW = `query ($input: AdmissionPreviewInput!) { admissionPreview(input: $input) {
  userErrors { code } preview { verdict asOf cluster { name } reason { code } estimatedStart estimateSureness
    placement { flavor gpuModel nodes { name pods } } changes { kind amount } price { perHour atMost currency } }
} }`
interface Preview {
  admissionPreview: { userErrors: { code: string }[]; preview: Record<string, unknown> | null }
}
const USAGE = `{ queues(first: 50) { edges { node { name weightedShare usageAsOf
  flavorsUsage { flavor resource used pending nominal borrowed lent reclaimable }
  history(first: 5) { edges { node { at pending admitted flavorsUsage { used } } } } } } } }`
interface Usage {
  queues: {
    edges: {
      node: {
        name: string
        usageAsOf: string | null
        flavorsUsage: { flavor: string; resource: string; used: string; pending: string }[]
        history: { edges: { node: { flavorsUsage: { used: string }[] } }[] }
      }
    }[]
  }
}
const SIMULATE = `query ($input: SimulateSchedulingInput!) { simulateScheduling(input: $input) {
  userErrors { code } simulation { asOf
    before { total { waiting start } } after { total { waiting start startNow } queues { queue { name } numbers { waiting } } } }
} }`

/** All H100s for an hour at most, and another job that wants as many. */
const whole = { replicas: 8, resources: { gpu: { count: 8, models: ['H100'] } }, maxRuntimeSeconds: 3600 }
const holder = await acme.submitJob({ ...whole, runSeconds: 1800 })
await acme.eventsUntil(holder, 'RUNNING')
const waiting = await acme.submitJob({ ...whole, name: 'second' })

const why = async (id: string, token = acme.token) => cloud.ask<Why>(token, WHY, { id })

test('a job that waits says what is asked and free, by when it starts, and what would have it start now', async () => {
  const answer = await until(
    'the cluster has told of it',
    () => why(waiting),
    (told) => dataOf(told).job?.pending?.estimateSureness === 'RESERVED',
  )
  const pending = dataOf(answer).job?.pending
  expect(pending, about(answer)).toMatchObject({
    numbers: { resource: 'GPU', asked: '64', free: '0', biggestHole: '0' },
    changes: [{ kind: 'OTHER_MODEL', message: 'On GPUs of model A100 it would be admitted now.', amount: null }],
  })
  const startsInMs = Date.parse(pending?.estimatedStart ?? '') - Date.now()
  expect(startsInMs).toBeGreaterThan(0.9 * HOUR_MS)
  expect(startsInMs).toBeLessThan(1.1 * HOUR_MS)
})

test('a job tells what was decided about it', async () => {
  const answer = await until(
    'the scheduler has explained it',
    () => why(waiting),
    (told) => (dataOf(told).job?.decisions.edges.length ?? 0) > 0,
  )
  expect(dataOf(answer).job?.decisions.edges[0]?.node, about(answer)).toMatchObject({ kind: 'WAITING' })
  const admitted = dataOf(await why(holder)).job?.decisions.edges.map(({ node }) => node.kind)
  expect(admitted).toContain('ADMITTED')
})

test("another tenant's job does not exist, with all that could be asked of it", async () => {
  expect(await why(waiting, bravo.token)).toMatchObject({
    data: { job: null },
    errors: [{ extensions: { code: 'NOT_FOUND' } }],
  })
})

test('a preview says when, where and at what price, without a job being made', async () => {
  const input = (models: string[], gpus: number) => ({
    projectId: acme.projectId,
    queue: 'default',
    replicas: 2,
    resources: { gpu: { count: gpus, models } },
    maxRuntimeSeconds: 7200,
  })
  const preview = async (models: string[], gpus = 8, token = acme.token) =>
    cloud.ask<Preview>(token, PREVIEW, { input: input(models, gpus) })
  const now = await until(
    'the cluster has told that its H100s are taken',
    () => preview(['H100']),
    (told) => dataOf(told).admissionPreview.preview?.verdict === 'WAITS',
  )
  expect(dataOf(now).admissionPreview.preview, about(now)).toMatchObject({
    reason: { code: expect.stringMatching(/\S/) },
    changes: [{ kind: 'OTHER_MODEL' }],
    // 16 devices at 0.0015 a second.
    price: { perHour: '86.4', atMost: '172.8', currency: 'USD' },
  })
  const free = await preview(['A100'])
  expect(dataOf(free).admissionPreview.preview, about(free)).toMatchObject({
    verdict: 'STARTS_NOW',
    reason: null,
    placement: { gpuModel: 'A100', nodes: [{ pods: 1 }, { pods: 1 }] },
    price: { perHour: '57.6', atMost: '115.2' },
  })
  expect(dataOf(await preview([], 9)).admissionPreview.preview).toMatchObject({ verdict: 'NEVER' })
  const foreign = await preview(['A100'], 8, bravo.token)
  expect(dataOf(foreign).admissionPreview.userErrors.map(({ code }) => code)).toEqual(['NOT_FOUND'])
  const { jobs } = dataOf(await cloud.ask<{ jobs: { totalCount: number } }>(acme.token, '{ jobs { totalCount } }'))
  expect(jobs.totalCount).toBe(2)
})

test('a queue tells what its jobs hold and ask, now and before', async () => {
  const answer = await until(
    'the queue has told',
    () => cloud.ask<Usage>(acme.token, USAGE),
    (told) => queueIn(told)?.flavorsUsage.some(({ pending }) => pending === '64') ?? false,
  )
  const queue = queueIn(answer)
  const gpus = queue?.flavorsUsage.filter(({ resource }) => resource === 'GPU')
  expect(gpus, about(answer)).toMatchObject([
    { flavor: '*', used: '64', pending: '64' },
    { flavor: expect.stringMatching(/\S/), used: '64', pending: '0' },
  ])
  expect(queue?.usageAsOf).toMatch(/Z$/)
  expect(queue?.history.edges.length, about(answer)).toBeGreaterThan(0)
})

test('an operator tries more nodes; a tenant may not', async () => {
  const flavor = await h100Flavor()
  const simulate = (token: string) =>
    cloud.ask<Simulation>(token, SIMULATE, { input: { addNodes: [{ flavor, count: 8 }] } })
  const answer = await until(
    'the cluster has told of the job that waits',
    async () => simulate(await cloud.operator()),
    (told) => dataOf(told).simulateScheduling.simulation?.before.total.waiting === 1,
  )
  expect(dataOf(answer).simulateScheduling, about(answer)).toMatchObject({
    userErrors: [],
    simulation: { after: { total: { startNow: 1 }, queues: [{ queue: { name: 'default' } }] } },
  })
  expect(await simulate(await acme.as('tenant-admin'))).toMatchObject({
    errors: [{ extensions: { code: 'FORBIDDEN' } }],
  })
})

function queueIn(told: Answer<Usage>) {
  return dataOf(told).queues.edges.find(({ node }) => node.name === 'default')?.node
}

interface Simulation {
  simulateScheduling: { simulation: { before: { total: { waiting: number } } } | null }
}

async function h100Flavor(): Promise<string> {
  const query = '{ nodePools { edges { node { flavor gpuModel } } } }'
  type Pools = { nodePools: { edges: { node: { flavor: string; gpuModel: string | null } }[] } }
  const { nodePools } = dataOf(await cloud.ask<Pools>(acme.token, query))
  const pool = nodePools.edges.find(({ node }) => node.gpuModel === 'H100')?.node
  if (pool === undefined) throw new Error('there is no pool of H100s')
  return pool.flavor
}
