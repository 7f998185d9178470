import { describe, expect, test } from 'vitest'
import type { WallClock } from '../../platform/clock.ts'
import { createTokens, type Tokens } from '../../platform/identity/identity.ts'
import { createCallers } from './callers.ts'

const ALICE = { kind: 'member', subject: 'alice', tenantId: 't1', tenantSlug: 'acme', role: 'developer' } as const

function setUp() {
  const wall: WallClock & { ms: number } = { ms: 1_700_000_000_500, nowMs: () => wall.ms }
  const client = createTokens({ secret: new Uint8Array(32).fill(1), audience: 'client', wall })
  const signing = createTokens({ secret: new Uint8Array(32).fill(2), audience: 'subgraph', wall })
  let signed = 0
  const subgraph: Tokens = {
    ...signing,
    issue: (...claims) => {
      signed += 1
      return signing.issue(...claims)
    },
  }
  const strangers: (string | undefined)[] = []
  const { authenticate } = createCallers({
    tokens: { client, subgraph },
    wall,
    introspection: 'operators',
    rates: { anonymous: (address) => void strangers.push(address) },
  })
  const callers = { authenticate: (authorization: unknown) => authenticate(authorization, '192.0.2.1') }
  return { wall, client, subgraph, callers, strangers, signed: () => signed }
}

describe('callers', () => {
  test('a client token becomes the same identity, signed for the subgraphs, ending with it', async () => {
    const { callers, client, subgraph } = setUp()
    const caller = await callers.authenticate(`Bearer ${await client.issue(ALICE, 60)}`)
    expect(caller.identity).toMatchObject(ALICE)
    expect(await subgraph.verify(caller.identityToken)).toEqual(caller.identity)
  })

  test('one client token is signed for once', async () => {
    const { callers, client, signed } = setUp()
    const authorization = `Bearer ${await client.issue(ALICE, 60)}`
    const first = await callers.authenticate(authorization)
    expect(await callers.authenticate(authorization)).toBe(first)
    expect(signed()).toBe(1)
  })

  test('a known token is refused from the moment it expires', async () => {
    const { callers, client, wall } = setUp()
    const authorization = `Bearer ${await client.issue(ALICE, 60)}`
    const { identity } = await callers.authenticate(authorization)
    wall.ms = identity.expiresAtMs - 1
    await callers.authenticate(authorization)
    wall.ms = identity.expiresAtMs
    await expect(callers.authenticate(authorization)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' })
    await expect(callers.authenticate(authorization)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' })
  })

  const refusals = {
    'no header': { authorization: undefined, code: 'UNAUTHENTICATED' },
    'an empty header': { authorization: '', code: 'UNAUTHENTICATED' },
    'another scheme': { authorization: 'Basic YWxpY2U6', code: 'TOKEN_INVALID' },
    'something that is no text': { authorization: { token: 1 }, code: 'TOKEN_INVALID' },
    'a token that is none': { authorization: 'Bearer nonsense', code: 'TOKEN_INVALID' },
  }
  for (const [name, { authorization, code }] of Object.entries(refusals)) {
    test(`${name}: ${code}`, async () => {
      await expect(setUp().callers.authenticate(authorization)).rejects.toMatchObject({ code })
    })
  }

  test("a subgraph's token does not open the gateway", async () => {
    const { callers, subgraph } = setUp()
    const authorization = `Bearer ${await subgraph.issue(ALICE, 60)}`
    await expect(callers.authenticate(authorization)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })

  test('what brings no good token is counted against its address, what does is not', async () => {
    const { callers, client, strangers } = setUp()
    await callers.authenticate(`Bearer ${await client.issue(ALICE, 60)}`)
    expect(strangers).toEqual([])
    await expect(callers.authenticate('Bearer nonsense')).rejects.toThrow()
    await expect(callers.authenticate(undefined)).rejects.toThrow()
    expect(strangers).toEqual(['192.0.2.1', '192.0.2.1'])
  })

  test('where the schema is for operators, others do not see it', async () => {
    const { callers, client } = setUp()
    const seen = async (claims: Parameters<typeof client.issue>[0]) =>
      (await callers.authenticate(`Bearer ${await client.issue(claims, 60)}`)).mayIntrospect
    expect([await seen(ALICE), await seen({ kind: 'operator', subject: 'olga' })]).toEqual([false, true])
  })
})
