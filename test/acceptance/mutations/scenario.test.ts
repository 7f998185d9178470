import { afterAll, describe, expect, test } from 'vitest'
import { type Answer, about, codesOf, dataOf, type UserError } from '../../testkit/answers.ts'
import { startCloud } from '../../testkit/cloud.ts'
import { publicSchemaOf, rootFieldsOf } from '../../testkit/publicSchema.ts'
import { impossibleJobs, unreadableJobs } from './impossibleJobs.ts'

const cloud = await startCloud(afterAll)
const operator = await cloud.operator()
const acme = await cloud.tenant('acme')

interface Mutation {
  /** Field of the payload that holds the object. */
  object: string
  input: Record<string, unknown>
  /** The result is no object with an id. */
  isPlain?: true
  /** The result is a list of such objects: here of one. */
  isList?: true
  /** What makes it another input. */
  other: Record<string, unknown>
}

const { queueId, longJobs, joinTokenIds, policyIds } = await prepare()
const submission = {
  projectId: acme.projectId,
  queue: 'default',
  name: 'once',
  image: 'registry.example/train:1',
  resources: {},
}
const quotas = [{ flavor: '*', resource: 'GPU', nominalQuota: '1' }]
const day = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }
const mutations: Record<string, Mutation> = {
  createTenant: { object: 'tenant', input: { slug: 'once', name: 'Once' }, other: { slug: 'twice' } },
  createProject: {
    object: 'project',
    input: { tenantId: acme.id, slug: 'once', name: 'Once' },
    other: { slug: 'twice' },
  },
  createQueue: { object: 'queue', input: { tenantId: acme.id, name: 'once', quotas }, other: { name: 'twice' } },
  removeMember: {
    object: 'removedAt',
    isPlain: true,
    input: { tenantId: acme.id, subject: 'once' },
    other: { subject: 'twice' },
  },
  updateQueue: { object: 'queue', input: { id: queueId, expectedGeneration: 1, quotas }, other: { weight: '2' } },
  submitJob: { object: 'job', input: submission, other: { name: 'twice' } },
  createJoinToken: { object: 'joinToken', input: { cluster: 'once' }, other: { cluster: 'twice' } },
  revokeJoinToken: { object: 'joinToken', input: { id: joinTokenIds[0] }, other: { id: joinTokenIds[1] } },
  cancelJob: { object: 'job', input: { id: longJobs[0] }, other: { id: longJobs[1] } },
  createSchedulingPolicy: { object: 'schedulingPolicy', input: { comment: 'once' }, other: { comment: 'twice' } },
  applySchedulingPolicy: {
    object: 'clusters',
    isList: true,
    input: { id: policyIds[1] },
    other: { id: policyIds[0] },
  },
  rollBackSchedulingPolicy: { object: 'clusters', isList: true, input: {}, other: { clusterIds: [] } },
  requestExport: {
    object: 'export',
    input: { tenantId: acme.id, ...day, shape: 'INTERVALS', format: 'CSV' },
    other: { format: 'JSONL' },
  },
}

type Payload = { userErrors: UserError[] } & Record<string, { id: string } | null | UserError[]>

async function mutate(name: string, input: Record<string, unknown>): Promise<Answer<Record<string, Payload>>> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`
  const { object, isPlain } = mutations[name] as Mutation
  return cloud.ask(
    operator,
    `mutation Mutate($input: ${type}!) {
      ${name}(input: $input) { ${object}${isPlain ? '' : ' { id }'} userErrors { code field message fix } }
    }`,
    { input },
  )
}

test('every mutation of the schema is tried here', async () => {
  expect(Object.keys(mutations).sort()).toEqual(rootFieldsOf(await publicSchemaOf(cloud), 'Mutation').sort())
})

for (const [name, { object, isPlain, isList, input, other }] of Object.entries(mutations)) {
  describe(name, () => {
    test('as a dry run makes every check, and stores nothing', async () => {
      const before = await everything()
      const answer = await mutate(name, { ...input, dryRun: true, idempotencyKey: 'the-key' })
      const payload = dataOf(answer)[name]
      expect(payload?.userErrors, about(answer)).toEqual([])
      expect(await everything()).toEqual(before)
    })

    const resultOf = (id: string) => (isPlain ? id : isList ? [{ id }] : { id })

    test('with the key of an earlier one gives its result again', async () => {
      const keyed = { ...input, idempotencyKey: 'the-key' }
      const [first, second] = [await mutate(name, keyed), await mutate(name, keyed)]
      expect(dataOf(first)[name]?.[object], about(first)).toEqual(resultOf(expect.any(String)))
      expect(dataOf(second), about(second)).toEqual(dataOf(first))
    })

    test('with the key of another input is a conflict', async () => {
      const answer = await mutate(name, { ...input, ...other, idempotencyKey: 'the-key' })
      expect(dataOf(answer)[name], about(answer)).toMatchObject({
        [object]: isList ? [] : null,
        userErrors: [{ code: 'IDEMPOTENCY_CONFLICT', message: expect.any(String), fix: expect.any(String) }],
      })
    })

    test('with a key sent many times at once happens once', async () => {
      const again = { ...input, idempotencyKey: 'the-key' }
      const answers = await Promise.all(Array.from({ length: 10 }, () => mutate(name, again)))
      const results = new Set(answers.map((answer) => JSON.stringify(dataOf(answer)[name])))
      expect(results.size).toBe(1)
    })
  })
}

test('ten submissions at once under one new key are one job', async () => {
  const before = (await everything()).jobs
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => acme.trySubmit({ name: 'rush', idempotencyKey: 'rush' })),
  )
  expect(new Set(answers.map((answer) => dataOf(answer).submitJob.job?.id)).size).toBe(1)
  expect((await everything()).jobs.length).toBe(before.length + 1)
})

describe('a submission that cannot be', () => {
  for (const [name, { input, code, field }] of Object.entries(impossibleJobs)) {
    test(`${name}: ${code}, with what would do instead`, async () => {
      const answer = await acme.trySubmit(input)
      expect(dataOf(answer).submitJob, about(answer)).toEqual({
        job: null,
        userErrors: [{ code, field, message: expect.stringMatching(/\S/), fix: expect.stringMatching(/\S/) }],
      })
    })
  }

  for (const [name, input] of Object.entries(unreadableJobs)) {
    test(`with ${name} is told so, one way or the other`, async () => {
      const answer = await acme.trySubmit(input)
      const codes = [...codesOf(answer), ...(answer.data?.submitJob.userErrors.map(({ code }) => code) ?? [])]
      expect(codes, about(answer)).toEqual([
        expect.stringMatching(/^(BAD_USER_INPUT|GPU_REQUEST_INVALID|QUANTITY_INVALID)$/),
      ])
    })
  }
})

describe('a name that cannot be', () => {
  for (const slug of ['', 'a', 'Acme', 'a-b', '1acme', 'x'.repeat(21), 'a\0b', 'ä1']) {
    test(`of a tenant: ${JSON.stringify(slug)}`, async () => {
      const answer = await mutate('createTenant', { slug, name: 'Name' })
      expect(dataOf(answer).createTenant?.userErrors, about(answer)).toMatchObject([
        { code: 'SLUG_INVALID', field: ['slug'] },
      ])
    })
  }

  test('of a tenant: one that is taken', async () => {
    const answer = await mutate('createTenant', { slug: acme.slug, name: 'Another' })
    expect(dataOf(answer).createTenant?.userErrors, about(answer)).toMatchObject([{ code: 'SLUG_TAKEN' }])
  })
})

/** Everything that a mutation could have added to or changed. */
async function everything() {
  const ids = 'edges { node { id } }'
  const query = `query Everything($id: ID!, $job: ID!) {
    tenants { edges { node { id slug projects { ${ids} } } } }
    queues { edges { node { id generation weight } } }
    joinTokens { edges { node { id revokedAt } } }
    schedulingPolicies { edges { node { id } } }
    clusters { edges { node { schedulingPolicy { desired { id } } } } }
    jobs(first: 200) { ${ids} }
    queue(id: $id) { generation weight }
    job(id: $job) { id phase }
  }`
  const answer = await cloud.ask<{ jobs: { edges: { node: { id: string } }[] } }>(operator, query, {
    id: queueId,
    job: longJobs[0],
  })
  const { jobs, ...rest } = dataOf(answer)
  return { ...rest, jobs: jobs.edges.map(({ node }) => node.id) }
}

/** A queue to change, two jobs to cancel, two join tokens to revoke, two scheduling policies to apply. */
async function prepare() {
  const answer = await cloud.ask<{ createQueue: { queue: { id: string } } }>(
    operator,
    'mutation Queue($input: CreateQueueInput!) { createQueue(input: $input) { queue { id } } }',
    { input: { name: 'changing', tenantId: acme.id } },
  )
  const long = { runSeconds: 300, resources: { gpu: null } }
  const longJobs = [await acme.submitJob(long), await acme.submitJob(long)] as const
  // From here on they stay as they are: what a mutation leaves alone can be told by comparing.
  for (const jobId of longJobs) await acme.eventsUntil(jobId, 'RUNNING')
  const joinTokenIds = [await createJoinToken(), await createJoinToken()] as const
  // The first is applied already, so that there is something to go back to.
  const policyIds = [await createPolicy(), await createPolicy()] as const
  await applyPolicy(policyIds[0])
  return { queueId: dataOf(answer).createQueue.queue.id, longJobs, joinTokenIds, policyIds }
}

async function createPolicy(): Promise<string> {
  const answer = await cloud.ask<{ createSchedulingPolicy: { schedulingPolicy: { id: string } } }>(
    operator,
    'mutation Policy { createSchedulingPolicy(input: { comment: "to apply" }) { schedulingPolicy { id } } }',
  )
  return dataOf(answer).createSchedulingPolicy.schedulingPolicy.id
}

async function applyPolicy(id: string): Promise<void> {
  dataOf(
    await cloud.ask(
      operator,
      'mutation Apply($input: ApplySchedulingPolicyInput!) { applySchedulingPolicy(input: $input) { userErrors { code } } }',
      { input: { id } },
    ),
  )
}

async function createJoinToken(): Promise<string> {
  const answer = await cloud.ask<{ createJoinToken: { joinToken: { id: string } } }>(
    operator,
    'mutation Join { createJoinToken(input: { cluster: "joining" }) { joinToken { id } } }',
  )
  return dataOf(answer).createJoinToken.joinToken.id
}
