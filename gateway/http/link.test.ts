import { GraphQLError } from 'graphql'
import { describe, expect, test } from 'vitest'
import { ConnectionLostError } from '../../platform/database/connection.ts'
import type { Subgraph, SubgraphLink } from '../../platform/graph/subgraph.ts'
import type { DirectivesRequest, ObservationBatch } from '../../platform/link/protocol.ts'
import { AGENT, ALICE, startTestGateway, type TestGateway } from '../testkit/gateway.ts'

const HELLO = { name: 'east', kubernetesVersion: '1.36.0' }
const BATCH = { clusterId: 'cluster_east', epoch: 3, number: 1, through: '2027-01-01T00:00:00.000Z', records: [] }
const DIRECTIVES = { clusterId: 'cluster_east', limit: 10, waitMs: 0 }

describe('the link', () => {
  test('a hello makes the cluster known to the subgraph that takes clusters in', async () => {
    const link = await connect()
    expect(await link.post('hello', HELLO)).toEqual({ status: 200, body: { clusterId: 'cluster_east' } })
    expect(link.calls).toEqual([['hello', HELLO]])
  })

  describe('a hello that bears a secret in place of an access token', () => {
    test('is answered with an access token that opens the rest, and with what to keep', async () => {
      const link = await connect()
      const { status, body } = await link.post('hello', { ...HELLO, uid: 'uid-1' }, { token: 'sluice_join_new' })
      expect(status).toBe(200)
      expect(body).toEqual({
        clusterId: 'cluster_east',
        credential: 'sluice_agent_kept',
        access: { token: expect.any(String), lifetimeSeconds: expect.any(Number) },
      })
      const { token } = (body as { access: { token: string } }).access
      expect((await link.post('jobs/observations', BATCH, { token })).status).toBe(200)
      expect(link.calls[0]).toEqual(['hello', { ...HELLO, uid: 'uid-1', credential: 'sluice_join_new' }])
    })

    test('is refused with the code and the fix that the subgraph gives', async () => {
      const link = await connect()
      const refused = await link.post('hello', HELLO, { token: 'sluice_join_old' })
      expect(refused).toMatchObject({
        status: 401,
        body: { errors: [{ extensions: { code: 'JOIN_TOKEN_EXPIRED', fix: 'Make another.' } }] },
      })
    })

    test('says hello and nothing else: a secret opens no other path', async () => {
      const link = await connect()
      await link.post('hello', HELLO, { token: 'sluice_join_new' })
      for (const token of ['sluice_join_new', 'sluice_agent_kept'])
        expect((await link.post('jobs/observations', BATCH, { token })).status).toBe(401)
    })
  })

  test('each subgraph gets what is for it, and answers for itself', async () => {
    const link = await connect()
    await link.post('hello', HELLO)
    expect(await link.post('jobs/observations', BATCH)).toEqual({
      status: 200,
      body: { outcome: 'applied', quarantined: 0 },
    })
    expect(await link.post('jobs/directives', { ...DIRECTIVES, after: '1.4', epoch: 'e' })).toEqual({
      status: 200,
      body: { directives: [], position: '5', epoch: 'e' },
    })
    expect(link.calls.slice(1)).toEqual([
      ['jobs observe', BATCH],
      ['jobs directives', { ...DIRECTIVES, after: '1.4', epoch: 'e' }],
    ])
  })

  test('an agent whose hello reached another gateway is known, as the cluster of its token alone', async () => {
    const link = await connect({ met: ['west', 'east'] })
    expect((await link.post('jobs/observations', BATCH)).status).toBe(200)
    expect((await link.post('jobs/observations', { ...BATCH, clusterId: 'cluster_west' })).status).toBe(403)
    expect(link.calls).toEqual([['jobs observe', BATCH]])
  })

  test('an agent is asked to say hello first, and told so with a code', async () => {
    const link = await connect()
    const { status, body } = await link.post('jobs/observations', BATCH)
    expect(status).toBe(409)
    expect(body).toMatchObject({ errors: [{ extensions: { code: 'HELLO_FIRST', fix: expect.any(String) } }] })
    expect(link.calls).toEqual([])
  })

  test('a request is held no longer, and asks for no more, than is allowed', async () => {
    const link = await connect()
    await link.post('hello', HELLO)
    await link.post('jobs/directives', { ...DIRECTIVES, limit: 1_000_000, waitMs: 86_400_000 })
    expect(link.calls.at(-1)).toEqual(['jobs directives', { ...DIRECTIVES, limit: 1_000, waitMs: 60_000 }])
  })

  test('a held request ends when the agent goes', async () => {
    const link = await connect({ holding: true })
    await link.post('hello', HELLO)
    const leaving = new AbortController()
    const held = link.post('jobs/directives', DIRECTIVES, { signal: leaving.signal }).catch(() => {})
    await expect.poll(() => link.held()).toBe(1)
    leaving.abort()
    await held
    await expect.poll(() => link.held()).toBe(0)
  })

  test('a held request is answered when the gateway stops', async () => {
    const link = await connect({ holding: true })
    await link.post('hello', HELLO)
    const held = link.post('jobs/directives', DIRECTIVES)
    await expect.poll(() => link.held()).toBe(1)
    await link.cloud.gateway.stop()
    expect((await held).status).toBe(200)
  })

  const away = {
    'a subgraph that cannot be reached': new GraphQLError('jobs is away', {
      extensions: { code: 'SERVICE_UNAVAILABLE' },
    }),
    'a subgraph whose database is gone': new ConnectionLostError('write'),
  }
  for (const [name, failure] of Object.entries(away)) {
    test(`${name}: 503, and nothing of why`, async () => {
      const link = await connect({ failure })
      await link.post('hello', HELLO)
      const { status, body } = await link.post('jobs/observations', BATCH)
      expect(status).toBe(503)
      expect(body).toMatchObject({
        errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' }, message: expect.not.stringMatching(/jobs|write/) }],
      })
    })
  }

  describe('refuses', () => {
    test('a caller without a token', async () => {
      const { cloud } = await connect()
      const response = await fetch(`${cloud.url}/link/hello`, { method: 'POST' })
      expect(response.status).toBe(401)
    })

    test('whoever is no agent', async () => {
      const link = await connect()
      const refused = await link.post('hello', HELLO, { claims: ALICE })
      expect(refused).toMatchObject({ status: 403, body: { errors: [{ extensions: { code: 'FORBIDDEN' } }] } })
      expect(link.calls).toEqual([])
    })

    test('an agent that speaks for another cluster, by name or by id', async () => {
      const link = await connect()
      expect((await link.post('hello', { ...HELLO, name: 'west' })).status).toBe(403)
      await link.post('hello', { ...HELLO, name: 'west' }, { claims: { ...AGENT, cluster: 'west' } as typeof AGENT })
      await link.post('hello', HELLO)
      link.calls.length = 0
      for (const path of ['jobs/observations', 'jobs/directives']) {
        expect((await link.post(path, { ...BATCH, ...DIRECTIVES, clusterId: 'cluster_west' })).status).toBe(403)
      }
      expect(link.calls).toEqual([])
    })

    const malformed: Record<string, [path: string, body: unknown]> = {
      'a hello without a version': ['hello', { name: 'east' }],
      'a body that is a list': ['jobs/observations', []],
      'a batch without a number': ['jobs/observations', { ...BATCH, number: undefined }],
      'a batch of an epoch that is no whole number': ['jobs/observations', { ...BATCH, epoch: 1.5 }],
      'a batch through no time': ['jobs/observations', { ...BATCH, through: 'soon' }],
      'a batch through a time that no database takes': [
        'jobs/observations',
        { ...BATCH, through: '+275760-09-13T00:00:00Z' },
      ],
      'a batch of an epoch that no column holds': ['jobs/observations', { ...BATCH, epoch: 2 ** 31 }],
      'a batch with a record that is null': ['jobs/observations', { ...BATCH, records: [null] }],
      'directives after a position that no database has': [
        'jobs/directives',
        { ...DIRECTIVES, after: '99999999999999999999.1' },
      ],
      'a hello whose version is no version': ['hello', { name: 'east', kubernetesVersion: '1.36\0' }],
      'a batch whose records are no list': ['jobs/observations', { ...BATCH, records: {} }],
      'directives without a limit': ['jobs/directives', { clusterId: 'cluster_east', waitMs: 0 }],
      'directives after no position': ['jobs/directives', { ...DIRECTIVES, after: 4 }],
    }
    for (const [name, [path, body]] of Object.entries(malformed)) {
      test(`${name}: 400`, async () => {
        const link = await connect()
        await link.post('hello', HELLO)
        link.calls.length = 0
        expect((await link.post(path, body)).status).toBe(400)
        expect(link.calls).toEqual([])
      })
    }

    for (const path of ['nobody/directives', 'jobs', 'jobs/elsewhere', 'jobs/directives/more', 'hello/again']) {
      test(`/link/${path}, which is not there: 404`, async () => {
        const link = await connect()
        await link.post('hello', HELLO)
        expect((await link.post(path, { clusterId: 'cluster_east' })).status).toBe(404)
      })
    }
  })
})

interface Link {
  cloud: TestGateway
  calls: unknown[][]
  held(): number
  post(
    path: string,
    body: unknown,
    options?: { claims?: typeof AGENT; token?: string; signal?: AbortSignal },
  ): Promise<{ status: number; body: unknown }>
}

/** A gateway whose subgraphs write down what the link asks of them. */
async function connect({
  holding = false,
  failure,
  met = [],
}: {
  holding?: boolean
  failure?: Error
  /** Clusters that another gateway has met. */
  met?: string[]
} = {}): Promise<Link> {
  const calls: unknown[][] = []
  let held = 0
  const linkOf = (name: string): SubgraphLink => ({
    async directives(request: DirectivesRequest, signal) {
      calls.push([`${name} directives`, request])
      held += 1
      if (holding) await new Promise((resolve) => signal.addEventListener('abort', resolve))
      held -= 1
      return { directives: [], position: '5', epoch: 'e' }
    },
    async observe(batch: ObservationBatch) {
      calls.push([`${name} observe`, batch])
      if (failure) throw failure
      return { outcome: 'applied', quarantined: 0 }
    },
    head: async () => '5',
  })
  const hello: SubgraphLink['hello'] = async (cluster) => {
    calls.push(['hello', cluster])
    if (cluster.credential === 'sluice_join_old')
      return { refused: { status: 401, code: 'JOIN_TOKEN_EXPIRED', message: 'It ran out.', fix: 'Make another.' } }
    if (cluster.credential?.startsWith('sluice_join_'))
      return { clusterId: `cluster_${cluster.name}`, credential: 'sluice_agent_kept' }
    return { clusterId: `cluster_${cluster.name}` }
  }
  const entries = met.map((name) => ({
    kind: 'cluster',
    key: `cluster_${name}`,
    tenantId: null,
    body: { id: `cluster_${name}`, name, flavors: [] },
    position: '1.1',
  }))
  const read = async () => ({ entries, position: '1.1', isMoreComing: false })
  const arrange = (subgraphs: readonly Subgraph[]) =>
    subgraphs.map((subgraph) => ({
      ...subgraph,
      facts: { ...subgraph.facts, read },
      link: { ...linkOf(subgraph.name), ...(subgraph.name === 'tenants' ? { hello } : {}) },
    }))
  const cloud = await startTestGateway({ arrange })
  return {
    cloud,
    calls,
    held: () => held,
    async post(path, body, { claims = AGENT, token, signal } = {}) {
      const bearer = token ?? (await cloud.token(claims))
      const response = await fetch(`${cloud.url}/link/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
        body: JSON.stringify(body),
        signal: signal ?? null,
      })
      return { status: response.status, body: await response.json() }
    },
  }
}
