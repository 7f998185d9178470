import { describe, expect, test } from 'vitest'
import { type Claims, createTokens } from './identity.ts'

const SECRET = new Uint8Array(32).fill(1)
const EVERYONE: Claims[] = [
  { kind: 'operator', subject: 'olga' },
  { kind: 'member', subject: 'alice', tenantId: 'tenant_1', tenantSlug: 'acme', role: 'viewer' },
  { kind: 'agent', subject: 'east', cluster: 'east' },
]

function setUp() {
  const clock = { ms: 1_800_000_000_000 }
  const wall = { nowMs: () => clock.ms }
  return { clock, wall, tokens: createTokens({ secret: SECRET, audience: 'client', wall }) }
}

describe('tokens', () => {
  for (const claims of EVERYONE) {
    test(`a token of kind ${claims.kind} says again who it was issued to`, async () => {
      const { tokens, clock } = setUp()
      const identity = await tokens.verify(await tokens.issue(claims, 60))
      expect(identity).toEqual({ ...claims, issuedAtMs: clock.ms, expiresAtMs: clock.ms + 60_000 })
    })
  }

  test('a token that hands a right on says since when the right is there', async () => {
    const { tokens, clock } = setUp()
    const identity = await tokens.verify(await tokens.issue({ kind: 'operator', subject: 'a' }, 60, clock.ms - 5_000))
    expect(identity).toMatchObject({ issuedAtMs: clock.ms - 5_000, expiresAtMs: clock.ms + 60_000 })
  })

  test('a token is good until the millisecond it expires, whether it was seen before or not', async () => {
    const { tokens, clock } = setUp()
    const [seen, unseen] = [
      await tokens.issue({ kind: 'operator', subject: 'a' }, 60),
      await tokens.issue({ kind: 'operator', subject: 'b' }, 60),
    ]
    await tokens.verify(seen)
    clock.ms += 59_999
    await tokens.verify(seen)
    clock.ms += 1
    for (const token of [seen, seen, unseen]) {
      await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' })
    }
  })

  test('a changed token is none, also where the right one was seen before', async () => {
    const { tokens } = setUp()
    const token = await tokens.issue({ kind: 'operator', subject: 'olga' }, 60)
    await tokens.verify(token)
    const [header, , signature] = token.split('.')
    const claims = Buffer.from(
      JSON.stringify({ sub: 'mallory', exp: 9e9, kind: 'operator', iss: 'sluice', aud: 'client' }),
    )
    const forged = [header, claims.toString('base64url'), signature].join('.')
    await expect(tokens.verify(forged)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })

  test('a token without a signature is none', async () => {
    const { tokens, wall } = setUp()
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const exp = wall.nowMs() / 1_000 + 60
    const unsigned = `${part({ alg: 'none' })}.${part({ sub: 'x', exp, kind: 'operator', iss: 'sluice', aud: 'client' })}.`
    await expect(tokens.verify(unsigned)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })

  test('a token opens the door it was made for and no other', async () => {
    const { tokens, wall } = setUp()
    const token = await tokens.issue({ kind: 'operator', subject: 'olga' }, 60)
    const otherDoor = createTokens({ secret: SECRET, audience: 'subgraph', wall })
    const otherHouse = createTokens({ secret: new Uint8Array(32).fill(9), audience: 'client', wall })
    for (const { verify } of [otherDoor, otherHouse]) {
      await expect(verify(token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
    }
  })

  const incomplete: Record<string, object> = {
    'a kind that is unknown': { kind: 'admin', subject: 'x' },
    'a member without a tenant': { kind: 'member', subject: 'x', tenantSlug: 'acme', role: 'viewer' },
    'a role that is unknown': { kind: 'member', subject: 'x', tenantId: 't', tenantSlug: 'acme', role: 'owner' },
    'an agent without a cluster': { kind: 'agent', subject: 'x' },
  }
  for (const [name, claims] of Object.entries(incomplete)) {
    test(`${name}: TOKEN_INVALID, although it is signed`, async () => {
      const { tokens } = setUp()
      const token = await tokens.issue(claims as Claims, 60)
      await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
    })
  }
})
