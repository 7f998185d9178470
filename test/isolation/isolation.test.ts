import { afterAll, describe, expect, test } from 'vitest'
import { createIds, type IdPrefix, prefixOf } from '../../platform/ids.ts'
import { type Answer, about, bearer, codesOf, dataOf } from '../testkit/answers.ts'
import { startCloud } from '../testkit/cloud.ts'
import { publicSchemaOf, rootFieldsOf } from '../testkit/publicSchema.ts'
import type { AnswerStream } from '../testkit/streams.ts'
import { type Call, callsOf, innerFieldsWithIds, plainCallsOf } from './calls.ts'
import { createVictim, leaksOf } from './secrets.ts'

const cloud = await startCloud(afterAll)
const schema = await publicSchemaOf(cloud)
const victim = await createVictim(cloud, 'zebra7')
const intruder = await cloud.tenant('bravo')
const ownJobId = await intruder.submitJob({ name: 'own' })
await intruder.eventsUntil(ownJobId, 'METERED')
const ids = createIds()

/** What the intruder sends where it must send something: things of its own, so that nothing else is wrong. */
const own = {
  id: await ownQueueId(),
  tenantId: intruder.id,
  projectId: intruder.projectId,
  queueId: await defaultQueueId(),
  jobId: ownJobId,
  queue: 'default',
  name: 'try',
  image: 'registry.example/train:1',
  slug: 'try',
  subject: 'nobody',
  from: '2026-01-01T00:00:00Z',
  to: '2026-01-02T00:00:00Z',
  expectedGeneration: 1,
  comment: 'try',
}
/** Lists that no tenant's member sees. */
const FOR_OPERATORS = new Set(['joinTokens', 'schedulingPolicies'])
const ROLES = ['viewer', 'developer', 'tenant-admin'] as const
const calls = (['Query', 'Mutation', 'Subscription'] as const).flatMap((kind) => callsOf(schema, kind, own))

test('every root field that takes arguments of its own is tried with what is foreign', () => {
  const tried = new Set(calls.map(({ name }) => name.split('(')[0]))
  const untried = (['Query', 'Mutation', 'Subscription'] as const)
    .flatMap((kind) => rootFieldsOf(schema, kind).map((field) => `${kind}.${field}`))
    .filter((field) => !tried.has(field))
  // These name nothing of a tenant's; what they list is looked through below.
  const nameless = [
    'Mutation.createJoinToken',
    ...['clusters', 'joinTokens', 'schedulingPolicies', 'tenants', 'viewer'].map((name) => `Query.${name}`),
  ]
  expect(untried.sort()).toEqual(nameless)
})

test('no field below the root takes an id', () => {
  expect(innerFieldsWithIds(schema)).toEqual([])
})

test('the same queries by the tenant itself find what they name: a refusal below says something', async () => {
  const finds = async (call: Call) => {
    for (const id of Object.values(victim.ids)) {
      if (leaksOf(victim, await answerTo(call, victim.token, id), '').length > 0) return true
    }
    return false
  }
  const queries = calls.filter(({ isId, kind }) => isId && kind === 'Query')
  const blind = []
  for (const call of queries) if (!(await finds(call))) blind.push(call.name)
  // Clusters and pools are nobody's own; usage that is not grouped, and what would be, is told in figures.
  const nameless = [
    'nodePools(clusterId)',
    'gpus(filter.clusterId)',
    'gpus(filter.nodePoolId)',
    'admissionPreview(input.projectId)',
    'simulateScheduling(input.clusterId)',
    'simulateScheduling(input.queues.id)',
    'simulateScheduling(input.policyId)',
    'defragmentationPlan(input.clusterId)',
    'defragmentationPlan(input.jobId)',
    'usage(tenantId)',
  ]
  expect(blind).toEqual(nameless.map((place) => `Query.${place}`))
})

for (const role of ROLES) {
  describe(`a ${role} of another tenant`, async () => {
    const token = await intruder.as(role)

    for (const call of calls.filter(({ isId }) => isId)) {
      test(`${call.name}: an id of another tenant's is as unknown as one of nothing`, async () => {
        for (const foreign of Object.values(victim.ids)) {
          const answer = await answerTo(call, token, foreign)
          expect(leaksOf(victim, answer, foreign), about(answer)).toEqual([])
          const refusals = refusalsIn(answer)
          expect(refusals.length > 0 || isEmptyList(answer), about(answer)).toBe(true)

          const unknown = ids.next(prefixOf(foreign) as IdPrefix)
          expect(comparable(answer, foreign), about(answer)).toEqual(
            comparable(await answerTo(call, token, unknown), unknown),
          )
        }
      })
    }

    for (const call of calls.filter(({ isId, kind, isDryRun }) => !isId && (kind === 'Query' || isDryRun))) {
      test(`${call.name}: a name that another tenant has is a name like any other`, async () => {
        for (const foreign of [victim.slug, victim.queueName]) {
          const answer = await answerTo(call, token, foreign)
          expect(leaksOf(victim, answer, foreign), about(answer)).toEqual([])
          const unknown = `x${foreign.slice(1)}`
          expect(comparable(answer, foreign), about(answer)).toEqual(
            comparable(await answerTo(call, token, unknown), unknown),
          )
        }
      })
    }

    for (const { name, query } of plainCallsOf(schema)) {
      test(`${name}: gives nothing of another tenant, however deep it is asked`, async () => {
        const answer = await cloud.ask(token, query)
        if (FOR_OPERATORS.has(name)) expect(codesOf(answer), about(answer)).toEqual(['FORBIDDEN'])
        else dataOf(answer as Answer<object>)
        expect(leaksOf(victim, answer, ''), about(answer)).toEqual([])
      })
    }

    test('cannot download another tenant’s export', async () => {
      const response = await fetch(victim.exportUrl, { headers: bearer(token) })
      expect(response.status).toBe(404)
      expect(leaksOf(victim, { data: await response.text() }, victim.exportUrl)).toEqual([])
    })
  })
}

test('an export is for nobody without a token, and still there for its own tenant', async () => {
  expect((await fetch(victim.exportUrl)).status).toBe(401)
  expect((await fetch(victim.exportUrl, { headers: bearer(victim.token) })).status).toBe(200)
})

test('a stream of one’s own events has none of another tenant’s, although they happen meanwhile', async () => {
  const after = await intruder.eventsCursor()
  const theirs = await victim.submitJob({ name: 'meanwhile', queue: victim.queueName })
  await victim.eventsUntil(theirs, 'METERED')
  const ours = await intruder.submitJob({ name: 'after' })
  for (const field of ['jobEvents', 'podEvents']) {
    const query = `subscription Own($after: Cursor) { ${field}(after: $after) { type ${field === 'jobEvents' ? 'job { id name project { tenant { slug } } }' : 'pod { id job { id name } }'} } }`
    const stream = cloud.subscribe<Record<string, { type: string }>>(intruder.token, query, { after })
    for await (const answer of stream) {
      expect([...leaksOf(victim, answer, ''), ...(JSON.stringify(answer).includes(theirs) ? [theirs] : [])]).toEqual([])
      if (['METERED', 'SUCCEEDED'].includes(dataOf(answer)[field]?.type ?? '')) break
    }
  }
  expect((await intruder.job(ours)).phase).toBe('SUCCEEDED')
})

test('a cursor of another tenant’s stream opens nothing', async () => {
  const after = await victim.eventsCursor()
  const query = 'subscription Foreign($after: Cursor) { jobEvents(after: $after) { type } }'
  for await (const answer of cloud.subscribe(intruder.token, query, { after })) {
    expect(codesOf(answer), about(answer)).toEqual(['CURSOR_INVALID'])
  }
})

test('an idempotency key is each caller’s own', async () => {
  const idempotencyKey = 'shared'
  const theirs = dataOf(await victim.trySubmit({ idempotencyKey, queue: victim.queueName })).submitJob.job
  const ours = dataOf(await intruder.trySubmit({ idempotencyKey })).submitJob.job
  expect(ours?.id).toMatch(/^job_/)
  expect(ours?.id).not.toBe(theirs?.id)
})

test('after all of this, what the tenant has is as it was', async () => {
  const query = `query State($queue: ID!, $project: ID!, $running: ID!) {
    tenant(slug: "${victim.slug}") { name projects { edges { node { id } } } }
    queue(id: $queue) { name generation weight quotas { nominalQuota } }
    jobs(projectId: $project) { totalCount }
    job(id: $running) { phase }
  }`
  const { queue, project, runningJob: running } = victim.ids
  expect(dataOf(await cloud.ask(await cloud.operator(), query, { queue, project, running }))).toEqual({
    tenant: { name: `Company ${victim.slug}`, projects: { edges: [{ node: { id: project } }] } },
    queue: { name: victim.queueName, generation: 1, weight: '1', quotas: [] },
    jobs: { totalCount: 4 },
    job: { phase: 'RUNNING' },
  })
})

async function answerTo(call: Call, token: string, value: string): Promise<Answer> {
  const variables = call.variables(value)
  const answer =
    call.kind === 'Subscription'
      ? await firstOf(cloud.subscribe(token, call.query, variables))
      : await cloud.ask<Record<string, unknown>>(token, call.query, variables)
  // A request that is none would be refused whatever it names.
  if (codesOf(answer).includes('GRAPHQL_VALIDATION_FAILED')) throw new Error(about(answer))
  return answer
}

async function firstOf(stream: AnswerStream<Record<string, unknown>>): Promise<Answer> {
  for await (const answer of stream) return answer
  throw new Error('the stream ended without an answer')
}

/** Codes of errors and of refusals. */
function refusalsIn(answer: Answer): unknown[] {
  const payloads = Object.values(answer.data ?? {}) as ({ userErrors?: { code: string }[] } | null)[]
  return [...codesOf(answer), ...payloads.flatMap((payload) => payload?.userErrors?.map(({ code }) => code) ?? [])]
}

function isEmptyList({ data }: Answer): boolean {
  return Object.values(data ?? {}).every((list) => (list as { edges?: unknown[] } | null)?.edges?.length === 0)
}

/** The answer without what differs from request to request. */
function comparable({ data, errors }: Answer, sent: string): unknown {
  const text = JSON.stringify({ data, errors }, (key, value) => (key === 'requestId' ? undefined : value))
  return JSON.parse(text.replaceAll(sent, 'WHAT WAS SENT'))
}

/** For updateQueue, the only field that needs one id and takes more. */
async function ownQueueId(): Promise<string> {
  const query = 'mutation Own($input: CreateQueueInput!) { createQueue(input: $input) { queue { id } } }'
  const input = { name: 'own', tenantId: intruder.id }
  const answer = await cloud.ask<{ createQueue: { queue: { id: string } } }>(await cloud.operator(), query, { input })
  return dataOf(answer).createQueue.queue.id
}

async function defaultQueueId(): Promise<string> {
  const query = 'query Queues { queues { edges { node { id name } } } }'
  const { queues } = dataOf(
    await cloud.ask<{ queues: { edges: { node: { id: string; name: string } }[] } }>(intruder.token, query),
  )
  return queues.edges.find(({ node }) => node.name === 'default')?.node.id ?? ''
}
