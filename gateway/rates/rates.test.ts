import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import type { Claims } from '../../platform/identity/identity.ts'
import { AGENT, ALICE, startTestGateway } from '../testkit/gateway.ts'

/** Costs 1 for the request, and nothing more. */
const CHEAP = '{ caller }'
const BOB: Claims = { ...ALICE, subject: 'bob' } as Claims
const MALLORY: Claims = { ...ALICE, subject: 'mallory', tenantId: 'tenant_2' } as Claims
const ONE_A_SECOND = { tenantCostPerSecond: 1, burstSeconds: 2 }

describe('whoever asks more than its share', () => {
  test('gets 429 with the time to wait, and after that time an answer', async () => {
    const cloud = await startTestGateway({ limits: ONE_A_SECOND })
    const token = await cloud.token()
    const answers = []
    for (let times = 0; times < 3; times += 1) answers.push(await cloud.post(CHEAP, { token }))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
    expect(answers[2]?.headers.get('retry-after')).toBe('1')
    expect(answers[2]?.errors).toEqual([
      {
        message: expect.any(String),
        extensions: { code: 'RATE_LIMITED', retryAfter: 1, requestId: answers[2]?.headers.get('x-request-id') },
      },
    ])
    cloud.wall.ms += 1_000
    expect((await cloud.post(CHEAP, { token })).status).toBe(200)
  })

  test('shares it with its tenant, and with nobody else', async () => {
    const cloud = await startTestGateway({ limits: ONE_A_SECOND })
    const ask = async (claims: Claims) => (await cloud.post(CHEAP, { token: await cloud.token(claims) })).status
    expect([await ask(ALICE), await ask(BOB), await ask(ALICE)]).toEqual([200, 200, 429])
    expect([await ask(MALLORY), await ask({ kind: 'operator', subject: 'olga' })]).toEqual([200, 200])
  })

  test('pays for what an operation may make, before it is made', async () => {
    const cloud = await startTestGateway({ limits: { tenantCostPerSecond: 10, burstSeconds: 2 } })
    const token = await cloud.token()
    const submit = 'mutation { submitJob(name: "train") { job { id } } }'
    const answers = [await cloud.post(submit, { token }), await cloud.post(submit, { token })]
    expect(answers.map(({ status }) => status)).toEqual([200, 429])
    expect(cloud.jobs.size).toBe(1)
  })

  test('is told over WebSocket by the operation’s error; the socket stays', async () => {
    const cloud = await startTestGateway({ limits: ONE_A_SECOND })
    const client = cloud.webSocket({ authorization: `Bearer ${await cloud.token()}` })
    const ask = () => Array.fromAsync(client.iterate({ query: CHEAP }))
    await ask()
    await ask()
    await expect(ask()).rejects.toEqual([
      expect.objectContaining({ extensions: { code: 'RATE_LIMITED', retryAfter: 1, requestId: expect.any(String) } }),
    ])
    cloud.wall.ms += 1_000
    expect(await ask()).toHaveLength(1)
  })

  test('as an agent, by requests', async () => {
    const cloud = await startTestGateway({ limits: { linkRequestsPerSecond: 1, burstSeconds: 1 } })
    const hello = { name: 'east', kubernetesVersion: '1.36.0' }
    const answers = [
      await link(cloud.url, await cloud.token(AGENT), hello),
      await link(cloud.url, await cloud.token(AGENT), hello),
    ]
    expect([answers[1]?.status, answers[1]?.headers.get('retry-after')]).toEqual([429, '1'])
    expect(answers[0]?.status).not.toBe(429)
  })

  test('as an agent, by bytes', async () => {
    const cloud = await startTestGateway({ limits: { linkBytesPerSecond: 100, burstSeconds: 1 } })
    const token = await cloud.token(AGENT)
    await link(cloud.url, token, { name: 'east', kubernetesVersion: '1'.repeat(80) })
    expect((await link(cloud.url, token, { name: 'east', kubernetesVersion: '1' })).status).toBe(429)
  })
})

describe('whoever brings no good token', () => {
  const limits = { anonymousRequestsPerSecond: 1, burstSeconds: 2 }

  test('may try a few times; then only a good one helps', async () => {
    const cloud = await startTestGateway({ limits })
    const tries = [undefined, 'nonsense', undefined]
    const answers = []
    for (const token of tries) answers.push(await cloud.post(CHEAP, { token }))
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 429])
    expect((await cloud.post(CHEAP, { token: await cloud.token() })).status).toBe(200)
  })

  test('may open no more sockets than that', async () => {
    const cloud = await startTestGateway({ limits })
    const open = () => new WebSocket(`${cloud.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    for (let times = 0; times < 2; times += 1) {
      const socket = open()
      await once(socket, 'open')
      socket.terminate()
    }
    const [error] = await once(open(), 'error')
    expect(String(error)).toContain('429')
  })
})

async function link(url: string, token: string, body: object): Promise<Response> {
  return fetch(`${url}/link/hello`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
}
