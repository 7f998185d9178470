import { describe, expect, test } from 'vitest'
import { startTestGateway } from '../testkit/gateway.ts'
import { UNPRICEABLE } from '../testkit/subgraphs.ts'

describe('errors that clients get', () => {
  test('an unknown id, and one of another tenant: the field is null with NOT_FOUND, the rest answers', async () => {
    const cloud = await startTestGateway()
    cloud.jobs.set('theirs', { id: 'theirs', name: 'secret', tenantId: 'tenant_2' })
    const { data, errors, headers } = await cloud.post(
      '{ unknown: job(id: "none") { name } foreign: job(id: "theirs") { name cost } jobs { id } }',
      { token: await cloud.token() },
    )
    expect(data).toEqual({ unknown: null, foreign: null, jobs: [] })
    expect(errors?.map(({ path }) => path)).toEqual([['unknown'], ['foreign']])
    for (const { extensions } of errors ?? []) {
      expect(extensions).toEqual({ code: 'NOT_FOUND', requestId: headers.get('x-request-id') })
    }
  })

  test('node: the owner is asked, with the caller’s identity, before an object is returned', async () => {
    const cloud = await startTestGateway()
    cloud.jobs.set('mine', { id: 'mine', name: 'train', tenantId: 'tenant_1' })
    cloud.jobs.set('theirs', { id: 'theirs', name: 'secret', tenantId: 'tenant_2' })
    const { data, errors } = await cloud.post(
      '{ mine: node(id: "mine") { __typename ... on Job { name cost } } theirs: node(id: "theirs") { id } }',
      { token: await cloud.token() },
    )
    expect(data).toEqual({ mine: { __typename: 'Job', name: 'train', cost: '0.25' }, theirs: null })
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([[['theirs'], 'NOT_FOUND']])
  })

  test('a bug inside a subgraph: nothing of it shows', async () => {
    const cloud = await startTestGateway()
    const answer = await cloud.post('{ broken caller }', { token: await cloud.token() })
    expect(answer.data).toMatchObject({ broken: null, caller: expect.any(String) })
    expect(answer.errors).toEqual([
      {
        message: expect.stringContaining('request id'),
        path: ['broken'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: answer.headers.get('x-request-id') },
      },
    ])
  })

  test('a subgraph that is away nulls its own fields only, and the log says why', async () => {
    const cloud = await startTestGateway()
    cloud.jobs.set('j1', { id: 'j1', name: 'train', tenantId: 'tenant_1' })
    cloud.setMeteringAway(true)
    const answer = await cloud.post('{ jobs { id name cost } }', { token: await cloud.token() })
    expect(answer.data).toEqual({ jobs: [{ id: 'j1', name: 'train', cost: null }] })
    expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([
      { code: expect.stringMatching(/^[A-Z_]+$/), requestId: answer.headers.get('x-request-id') },
    ])
    expect(JSON.stringify(answer.errors)).not.toContain('ECONNREFUSED')
    expect(JSON.stringify(cloud.logged)).toContain('ECONNREFUSED')
  })

  test('one object of a list that cannot be completed leaves the others whole', async () => {
    const cloud = await startTestGateway()
    cloud.jobs.set('j1', { id: 'j1', name: UNPRICEABLE, tenantId: 'tenant_1' })
    cloud.jobs.set('j2', { id: 'j2', name: 'train', tenantId: 'tenant_1' })
    const { data, errors } = await cloud.post('{ jobs { id cost } }', { token: await cloud.token() })
    expect(data).toEqual({
      jobs: [
        { id: 'j1', cost: null },
        { id: 'j2', cost: '0.25' },
      ],
    })
    expect(errors?.map(({ path }) => path)).toEqual([['jobs', 0]])
  })

  const mistakes = {
    'a query that does not parse': { query: '{ caller', code: 'GRAPHQL_PARSE_FAILED' },
    'a field that does not exist': { query: '{ nothing }', code: 'GRAPHQL_VALIDATION_FAILED' },
    'a variable that is missing': {
      query: 'query ($id: ID!) { job(id: $id) { id } }',
      code: 'BAD_USER_INPUT',
    },
    'a variable of the wrong kind': {
      query: 'query ($id: ID!) { job(id: $id) { id } }',
      variables: { id: { no: 'id' } },
      code: 'BAD_USER_INPUT',
    },
    'an operation name that is not there': {
      query: 'query A { caller } query B { caller }',
      code: 'OPERATION_RESOLUTION_FAILURE',
    },
  }
  for (const [name, { query, code, ...rest }] of Object.entries(mistakes)) {
    test(`${name}: ${code}, by HTTP and by WebSocket`, async () => {
      const cloud = await startTestGateway()
      const token = await cloud.token()
      const variables = 'variables' in rest ? { variables: rest.variables } : {}
      const answer = await cloud.post(query, { token, ...variables })
      expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([
        { code, requestId: answer.headers.get('x-request-id') },
      ])
      const client = cloud.webSocket({ authorization: `Bearer ${token}` })
      const [result] = await Array.fromAsync(client.iterate({ query, ...variables }))
      expect(result?.errors?.map(({ extensions }) => extensions)).toEqual([{ code, requestId: expect.any(String) }])
    })
  }

  test('a mistake that many make is told to each with its own request id', async () => {
    const cloud = await startTestGateway()
    const token = await cloud.token()
    const ids = []
    for (let times = 0; times < 2; times += 1) {
      const { errors } = await cloud.post('{ nothing }', { token })
      ids.push(errors?.[0]?.extensions.requestId)
    }
    expect(new Set(ids).size).toBe(2)
  })
})
