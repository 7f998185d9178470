import { isInterfaceType, isObjectType } from 'graphql'
import { afterAll, describe, expect, test } from 'vitest'
import { createIds } from '../../../platform/ids.ts'
import { about, codesOf, dataOf } from '../../testkit/answers.ts'
import { startCloud } from '../../testkit/cloud.ts'
import { exportIntervals } from '../../testkit/intervals.ts'
import { publicSchemaOf } from '../../testkit/publicSchema.ts'

const cloud = await startCloud(afterAll)
const operator = await cloud.operator()
const schema = await publicSchemaOf(cloud)
const acme = await cloud.tenant('acme')
const jobs = [await acme.submitJob(), await acme.submitJob(), await acme.submitJob()] as const
await acme.eventsUntil(jobs[2], 'METERED')
dataOf(await cloud.ask(operator, 'mutation { createJoinToken(input: { cluster: "joining" }) { joinToken { id } } }'))
dataOf(
  await cloud.ask(
    operator,
    'mutation { createSchedulingPolicy(input: { comment: "first" }) { schedulingPolicy { id } } }',
  ),
)

const ids = createIds()
const unknownIds = {
  'of nothing there is': ids.next('job'),
  'that is no id': 'nonsense',
  'that no database can hold': 'job_\0',
}
const stranger = {
  node: ids.next('tenant'),
  queue: ids.next('queue'),
  job: ids.next('job'),
  export: ids.next('export'),
}

describe('an id that is unknown', () => {
  for (const [field, id] of Object.entries(stranger)) {
    test(`${field}: null, with the error NOT_FOUND at its place`, async () => {
      const answer = await cloud.ask(operator, `query Unknown($id: ID!) { found: ${field}(id: $id) { id } }`, { id })
      expect(answer.data, about(answer)).toEqual({ found: null })
      expect(answer.errors, about(answer)).toEqual([
        {
          message: expect.any(String),
          path: ['found'],
          extensions: { code: 'NOT_FOUND', requestId: answer.requestId },
        },
      ])
    })
  }

  for (const [name, id] of Object.entries(unknownIds)) {
    test(`one ${name} is NOT_FOUND wherever it is looked up`, async () => {
      for (const field of ['node', 'job', 'queue', 'export']) {
        const answer = await cloud.ask(acme.token, `query Unknown($id: ID!) { found: ${field}(id: $id) { id } }`, {
          id,
        })
        expect([answer.data, codesOf(answer)], about(answer)).toEqual([{ found: null }, ['NOT_FOUND']])
      }
    })
  }

  const filters = {
    'jobs of a project': 'jobs(projectId: $id) { edges { node { id } } }',
    'jobs of a queue': 'jobs(queueId: $id) { edges { node { id } } }',
    'queues of a tenant': 'queues(tenantId: $id) { edges { node { id } } }',
    'pools of a cluster': 'nodePools(clusterId: $id) { edges { node { id } } }',
    'usage of a tenant':
      'usage(tenantId: $id, from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z", groupBy: []) { meteredThrough }',
  }
  for (const [name, selection] of Object.entries(filters)) {
    test(`${name}: an error, not an empty list`, async () => {
      const answer = await cloud.ask(operator, `query Filter($id: ID!) { ${selection} }`, { id: 'nonsense' })
      expect(codesOf(answer), about(answer)).toEqual(['NOT_FOUND'])
    })
  }

  test('a slug that nobody has is NOT_FOUND', async () => {
    const answer = await cloud.ask(operator, 'query Slug { tenant(slug: "nobody") { id } }')
    expect([answer.data, codesOf(answer)], about(answer)).toEqual([{ tenant: null }, ['NOT_FOUND']])
  })

  test('takes nothing away from what was asked beside it', async () => {
    const query = 'query Both($id: ID!, $other: ID!) { job(id: $id) { id } other: job(id: $other) { id } }'
    const answer = await cloud.ask(acme.token, query, { id: jobs[0], other: stranger.job })
    expect(answer.data, about(answer)).toEqual({ job: { id: jobs[0] }, other: null })
  })
})

describe('node(id:)', async () => {
  const known = await idOfEachType()

  test('covers every type that is a Node', () => {
    const node = schema.getType('Node')
    const types = isInterfaceType(node) ? schema.getPossibleTypes(node).map(({ name }) => name) : []
    expect(Object.keys(known).sort()).toEqual(types.sort())
  })

  for (const [type, id] of Object.entries(known)) {
    test(`finds a ${type}, with fields of its own`, async () => {
      const object = schema.getType(type)
      const plain = isObjectType(object)
        ? Object.values(object.getFields()).filter(({ type }) =>
            /^(ID|String|Int|Decimal|DateTime)!?$/.test(String(type)),
          )
        : []
      const selection = plain.map(({ name }) => name).join(' ')
      const query = `query Node($id: ID!) { node(id: $id) { __typename id ... on ${type} { ${selection} } } }`
      const answer = await cloud.ask<{ node: Record<string, unknown> }>(operator, query, { id })
      expect(dataOf(answer).node, about(answer)).toMatchObject({ __typename: type, id })
    })
  }
})

describe('a list', () => {
  const GPUS = `query Gpus($first: Int, $after: String) {
    gpus(first: $first, after: $after) { edges { cursor node { id } } pageInfo { hasNextPage endCursor } }
  }`
  interface Gpus {
    gpus: {
      edges: { cursor: string; node: { id: string } }[]
      pageInfo: { hasNextPage: boolean; endCursor: string | null }
    }
  }
  const gpusOf = async (variables: Record<string, unknown>) =>
    dataOf(await cloud.ask<Gpus>(operator, GPUS, variables)).gpus

  test('in pages is the list: each once, in the same order', async () => {
    const whole = (await gpusOf({ first: 200 })).edges.map(({ node }) => node.id)
    expect(whole).toHaveLength(128)
    const paged: string[] = []
    let after: string | null = null
    do {
      const { edges, pageInfo } = await gpusOf({ first: 50, after })
      paged.push(...edges.map(({ node }) => node.id))
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null
    } while (after !== null && paged.length < 1_000)
    expect(paged).toEqual(whole)
  })

  test('goes on after any cursor, not only the last of a page', async () => {
    const { edges } = await gpusOf({ first: 10 })
    const rest = await gpusOf({ first: 5, after: edges[4]?.cursor })
    expect(rest.edges).toEqual(edges.slice(5))
  })

  for (const first of [-1, 201, 2_147_483_647]) {
    test(`of ${first} is refused`, async () => {
      for (const list of await connectionFields()) {
        const answer = await cloud.ask(operator, `query Page { ${list}(first: ${first}) { pageInfo { hasNextPage } } }`)
        expect(codesOf(answer), about(answer)).toEqual(['BAD_USER_INPUT'])
      }
    })
  }

  test('after what is no cursor is refused', async () => {
    for (const list of await connectionFields()) {
      const answer = await cloud.ask(operator, `query Page { ${list}(after: "x") { pageInfo { hasNextPage } } }`)
      expect(codesOf(answer), about(answer)).toEqual(['CURSOR_INVALID'])
    }
  })

  test('everywhere has edges with cursors, and tells whether there is more', async () => {
    for (const list of await connectionFields()) {
      const query = `query List { ${list}(first: 1) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`
      const answer = await cloud.ask<
        Record<string, { edges: { cursor: string }[]; pageInfo: Record<string, unknown> }>
      >(operator, query)
      const { edges, pageInfo } = dataOf(answer)[list] ?? {}
      expect(edges, about(answer)).toHaveLength(1)
      expect(pageInfo, about(answer)).toMatchObject({ startCursor: edges?.[0]?.cursor, endCursor: edges?.[0]?.cursor })
    }
  })

  test('of jobs has the newest first, and counts them all', async () => {
    const query = 'query Jobs { jobs(first: 2) { totalCount edges { node { id } } pageInfo { hasNextPage } } }'
    const answer = await cloud.ask(acme.token, query)
    expect(dataOf(answer), about(answer)).toEqual({
      jobs: {
        totalCount: 3,
        edges: [{ node: { id: jobs[2] } }, { node: { id: jobs[1] } }],
        pageInfo: { hasNextPage: true },
      },
    })
  })
})

describe('a request that is none', () => {
  const names = Array.from({ length: 61 }, (_, index) => `a${index}: subject`).join(' ')
  const requests = {
    'does not parse': { query: 'query {', code: 'GRAPHQL_PARSE_FAILED' },
    'asks for what is not there': { query: 'query { jobs { nothing } }', code: 'GRAPHQL_VALIDATION_FAILED' },
    'asks for too much at once': { query: `query { viewer { ${names} } }`, code: 'OPERATION_TOO_LARGE' },
    'lacks a variable': { query: 'query Job($id: ID!) { job(id: $id) { id } }', code: 'BAD_USER_INPUT' },
  }
  for (const [name, { query, code }] of Object.entries(requests)) {
    test(`because it ${name} is told so, with the request id: ${code}`, async () => {
      const answer = await cloud.ask(operator, query)
      const { requestId } = answer
      expect(answer.errors, about(answer)).toMatchObject([{ extensions: { code, requestId } }])
    })
  }
})

/** Fields of Query that are lists. */
async function connectionFields(): Promise<string[]> {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {})
  const lists = fields.filter(({ type }) => /Connection!?$/.test(String(type))).map(({ name }) => name)
  expect(lists.length).toBeGreaterThan(5)
  return lists
}

/** One object of each kind, found by the lists. */
async function idOfEachType(): Promise<Record<string, string>> {
  const first = 'first: 1) { edges { node { id } } }'
  const query = `query Ids($job: ID!) {
    Tenant: tenants(${first} Cluster: clusters(${first} NodePool: nodePools(${first} Gpu: gpus(${first} Queue: queues(${first}
    Job: jobs(${first} job(id: $job) { pods(${first} }
    tenant(slug: "acme") { projects(${first} }
  }`
  type List = { edges: { node: { id: string } }[] }
  const { job, tenant, ...lists } = dataOf(
    await cloud.ask<Record<string, List> & { job: { pods: List }; tenant: { projects: List } }>(operator, query, {
      job: jobs[2],
    }),
  )
  const found: Record<string, List> = { ...lists, Pod: job.pods, Project: tenant.projects }
  const exported = await exportIntervals(cloud, acme)
  return {
    ...Object.fromEntries(Object.entries(found).map(([type, { edges }]) => [type, edges[0]?.node.id ?? ''])),
    Export: exported.id,
  }
}
