import { describe, expect, test } from 'vitest'
import { AGENT, type GraphAnswer, startTestGateway } from '../testkit/gateway.ts'
import { MAX_OPERATION_BYTES } from './graphql.ts'

const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/graphql-response+json' }

describe('GraphQL over HTTP', () => {
  test('a mutation by POST answers with the object, as all subgraphs know it', async () => {
    const cloud = await startTestGateway()
    const { status, data } = await cloud.post(
      'mutation ($name: String!) { submitJob(name: $name) { job { id name cost } userErrors { code } } }',
      { token: await cloud.token(), variables: { name: 'train' } },
    )
    expect(status).toBe(200)
    expect(data).toEqual({ submitJob: { job: { id: 'job_1', name: 'train', cost: '0.25' }, userErrors: [] } })
  })

  test('a query may come by GET', async () => {
    const cloud = await startTestGateway()
    const response = await get(cloud, 'query ($id: ID!) { jobs { id } job(id: $id) { id } }', { id: 'none' })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ data: { jobs: [], job: null } })
  })

  test('a mutation or a subscription by GET is refused and changes nothing', async () => {
    const cloud = await startTestGateway()
    const mutation = await get(cloud, 'mutation { submitJob(name: "x") { job { id } } }')
    expect([mutation.status, mutation.headers.get('allow')]).toEqual([405, 'POST'])
    const subscription = await get(cloud, 'subscription { jobEvents { cursor } }')
    expect([subscription.status, subscription.headers.get('allow')]).toEqual([405, 'POST'])
    expect(cloud.jobs.size).toBe(0)
    expect(cloud.events.listeners).toBe(0)
  })

  test('the subgraphs see the identity of the token', async () => {
    const cloud = await startTestGateway()
    const token = await cloud.token({ kind: 'operator', subject: 'olga' })
    expect((await cloud.post('{ caller }', { token })).data?.caller).toMatch(/^olga /)
  })

  describe('the request id', () => {
    test('is the client’s own, in the answer and in the subgraphs', async () => {
      const cloud = await startTestGateway()
      const headers = { 'x-request-id': 'trace-7' }
      const answer = await cloud.post('{ caller }', { token: await cloud.token(), headers })
      expect(answer.data?.caller).toBe('alice trace-7')
      expect(answer.headers.get('x-request-id')).toBe('trace-7')
    })

    test('is made where there is none, or one that logs could not bear', async () => {
      const cloud = await startTestGateway()
      const token = await cloud.token()
      for (const headers of [{}, { 'x-request-id': 'a"b}' }, { 'x-request-id': 'x'.repeat(129) }]) {
        const { data, headers: answered } = await cloud.post('{ caller }', { token, headers })
        expect(data?.caller).toBe(`alice ${answered.get('x-request-id')}`)
        expect(answered.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
      }
    })
  })

  describe('without a good token', () => {
    const unusable = {
      'no token': { authorization: undefined, status: 401, code: 'UNAUTHENTICATED' },
      'a token that is none': { authorization: 'Bearer nonsense', status: 401, code: 'TOKEN_INVALID' },
      'a token in the address': {
        authorization: undefined,
        status: 401,
        code: 'UNAUTHENTICATED',
        search: '?access_token=',
      },
    }
    for (const [name, { authorization, status, code, ...rest }] of Object.entries(unusable)) {
      test(`${name}: ${code}`, async () => {
        const cloud = await startTestGateway()
        const search = 'search' in rest ? `${rest.search}${await cloud.token()}` : ''
        const response = await fetch(`${cloud.url}/graphql${search}`, {
          method: 'POST',
          headers: { ...JSON_TYPE, ...(authorization ? { authorization } : {}) },
          body: JSON.stringify({ query: '{ caller }' }),
        })
        expect(response.status).toBe(status)
        expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/)
        const requestId = response.headers.get('x-request-id')
        expect(await response.json()).toEqual({
          errors: [{ message: expect.any(String), extensions: { code, requestId } }],
        })
      })
    }

    test('an expired token: TOKEN_EXPIRED', async () => {
      const cloud = await startTestGateway()
      const token = await cloud.token(undefined, 60)
      cloud.wall.ms += 60_000
      const answer = await cloud.post('{ caller }', { token })
      expect([answer.status, answer.errors?.[0]?.extensions.code]).toEqual([401, 'TOKEN_EXPIRED'])
    })

    test('an agent may not use the graph', async () => {
      const cloud = await startTestGateway()
      const answer = await cloud.post('{ caller }', { token: await cloud.token(AGENT) })
      expect([answer.status, answer.errors?.[0]?.extensions.code]).toEqual([403, 'FORBIDDEN'])
    })
  })

  describe('a request that is no operation', () => {
    const forms = ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain']
    for (const contentType of forms) {
      test(`${contentType}, which another site's page could send: 415`, async () => {
        const cloud = await startTestGateway()
        const response = await send(cloud, { 'content-type': contentType }, 'query={caller}')
        expect(response.status).toBe(415)
      })
    }

    test('a body that is too large: 413, and the connection goes', async () => {
      const cloud = await startTestGateway()
      const response = await send(cloud, JSON_TYPE, 'x'.repeat(MAX_OPERATION_BYTES + 1))
      expect([response.status, response.headers.get('connection')]).toEqual([413, 'close'])
    })

    test('a body whose length is not told beforehand is bounded, too', async () => {
      const cloud = await startTestGateway()
      const chunk = new Uint8Array(100_000).fill(32)
      const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(chunk) })
      await expect(send(cloud, JSON_TYPE, body).then(({ status }) => status)).resolves.toBe(413)
    })

    const bodies = {
      'no JSON': '{',
      'JSON, but no object': '"{ caller }"',
      'a batch': '[{"query":"{ caller }"}]',
      'no query': '{}',
      'a query that is no text': '{"query":1}',
      'variables that are no object': '{"query":"{ caller }","variables":[]}',
      'a parameter nobody knows': '{"query":"{ caller }","queery":1}',
      'variables deeper than anything reads': `{"query":"{ caller }","variables":{"a":${'['.repeat(200)}`,
    }
    for (const [name, body] of Object.entries(bodies)) {
      test(`${name}: 400 BAD_REQUEST`, async () => {
        const cloud = await startTestGateway()
        const response = await send(cloud, JSON_TYPE, body)
        expect(response.status).toBe(400)
        expect(await response.json()).toMatchObject({
          errors: [{ extensions: { code: 'BAD_REQUEST', requestId: response.headers.get('x-request-id') } }],
        })
      })
    }

    const searches = {
      'no query': '',
      'an empty query': '?query=',
      'a query that comes twice': '?query={caller}&query={jobs{id}}',
      'variables that are no JSON': '?query={caller}&variables=x',
      'variables that are cut short': '?query={caller}&variables={"a":',
      'what is no percent-encoding': '?query={caller}&variables=%zz',
      'extensions that are no JSON': '?query={caller}&extensions=x',
    }
    for (const [name, search] of Object.entries(searches)) {
      test(`by GET, ${name}: 400 BAD_REQUEST`, async () => {
        const cloud = await startTestGateway()
        const headers = { authorization: `Bearer ${await cloud.token()}` }
        const response = await fetch(`${cloud.url}/graphql${search}`, { headers })
        expect([response.status, await response.json()]).toMatchObject([
          400,
          { errors: [{ extensions: { code: 'BAD_REQUEST', requestId: response.headers.get('x-request-id') } }] },
        ])
        expect(cloud.logged).toEqual([])
      })
    }

    const accepts = {
      'image/png': 406,
      'application/json;q=0': 406,
      'multipart/mixed': 406,
      '*/*': 200,
      'application/*, ;;': 200,
    }
    for (const [accept, status] of Object.entries(accepts)) {
      test(`that accepts ${accept}: ${status}`, async () => {
        const cloud = await startTestGateway()
        const response = await send(cloud, { ...JSON_TYPE, accept }, '{"query":"{ caller }"}')
        const body = (await response.json()) as GraphAnswer
        expect([response.status, body.errors?.[0]?.extensions.code]).toEqual([
          status,
          status === 200 ? undefined : 'NOT_ACCEPTABLE',
        ])
      })
    }

    test('a subscription for whoever accepts one answer alone: 406', async () => {
      const cloud = await startTestGateway()
      const headers = { ...JSON_TYPE, accept: 'application/json' }
      const response = await send(cloud, headers, '{"query":"subscription { jobEvents { cursor } }"}')
      const body = (await response.json()) as GraphAnswer
      expect([response.status, body.errors?.[0]?.extensions.code]).toEqual([406, 'NOT_ACCEPTABLE'])
      expect(cloud.events.listeners).toBe(0)
    })

    test('another method: 405', async () => {
      const cloud = await startTestGateway()
      const response = await fetch(`${cloud.url}/graphql`, { method: 'PUT' })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST'])
    })
  })

  test('other sites are told nothing about what they may do', async () => {
    const cloud = await startTestGateway()
    const preflight = await fetch(`${cloud.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
  })
})

type Cloud = Awaited<ReturnType<typeof startTestGateway>>

async function get(cloud: Cloud, query: string, variables = {}): Promise<Response> {
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) })
  return fetch(`${cloud.url}/graphql?${search}`, { headers: { authorization: `Bearer ${await cloud.token()}` } })
}

async function send(
  cloud: Cloud,
  headers: Record<string, string>,
  body: string | ReadableStream<Uint8Array>,
): Promise<Response> {
  return fetch(`${cloud.url}/graphql`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${await cloud.token()}` },
    body,
    duplex: 'half',
  } as RequestInit)
}
