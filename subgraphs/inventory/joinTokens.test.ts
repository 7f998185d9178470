import { assert, beforeEach, describe, expect, test } from 'vitest'
import type { HelloOutcome } from '../../platform/link/protocol.ts'
import { member, operator } from '../../test/testkit/subgraph.ts'
import { startInventory } from './testkit.ts'

const engineer = member('tenant_acme', 'developer')
type Inventory = Awaited<ReturnType<typeof startInventory>>

describe('join tokens', () => {
  let inventory: Inventory
  beforeEach(async () => {
    inventory = await startInventory()
  })

  const CREATE = `mutation ($input: CreateJoinTokenInput!) {
    createJoinToken(input: $input) { joinToken { id cluster expiresAt usedAt } token userErrors { code field } }
  }`
  const REVOKE = `mutation ($input: RevokeJoinTokenInput!) {
    revokeJoinToken(input: $input) { joinToken { id revokedAt } userErrors { code } }
  }`
  interface Created {
    createJoinToken: {
      joinToken: { id: string; cluster: string } | null
      token: string | null
      userErrors: { code: string; field: string[] }[]
    }
  }
  async function create(input: object): Promise<Created['createJoinToken']> {
    return (await inventory.graph.ask<Created>(operator, CREATE, { input })).data.createJoinToken
  }
  async function hello(name: string, credential: string | null, uid = `uid-${name}`): Promise<HelloOutcome> {
    const said = { name, kubernetesVersion: 'v1.36.0', uid, ...(credential !== null && { credential }) }
    const outcome = await inventory.subgraph.link.hello?.(said)
    assert(outcome !== undefined)
    return outcome
  }
  const codeOf = (outcome: HelloOutcome) => ('refused' in outcome ? outcome.refused.code : 'greeted')

  test('bring a credential that outlives them, and each cluster is known by an id of its own', async () => {
    const [east, west] = await Promise.all(['east', 'west'].map((cluster) => create({ cluster })))
    const first = await hello('east', east?.token ?? '')
    assert('clusterId' in first)
    expect(first.credential).toMatch(/^sluice_agent_/)
    const again = await hello('east', first.credential ?? '')
    expect(again).toEqual({ clusterId: first.clusterId })
    const other = await hello('west', west?.token ?? '')
    assert('clusterId' in other)
    assert.notEqual(other.clusterId, first.clusterId)
    assert.equal(codeOf(await hello('west', first.credential ?? '')), 'AGENT_CREDENTIAL_FOR_ANOTHER_CLUSTER')
  })

  test('are used by one cluster alone, as often as it likes', async () => {
    const { token } = await create({ cluster: 'shared' })
    assert.equal(codeOf(await hello('shared', token)), 'greeted')
    assert.equal(codeOf(await hello('shared', token)), 'greeted')
    assert.equal(codeOf(await hello('shared', token, 'uid-impostor')), 'JOIN_TOKEN_USED')
    assert.equal(codeOf(await hello('elsewhere', token)), 'JOIN_TOKEN_FOR_ANOTHER_CLUSTER')
  })

  test('that are revoked end with all that was had for them', async () => {
    const { joinToken, token } = await create({ cluster: 'revoked' })
    const greeted = await hello('revoked', token)
    const input = { id: joinToken?.id }
    const { data } = await inventory.graph.ask<object>(operator, REVOKE, { input })
    expect(data).toMatchObject({ revokeJoinToken: { joinToken: { revokedAt: expect.any(String) }, userErrors: [] } })
    assert.equal(codeOf(await hello('revoked', token)), 'JOIN_TOKEN_REVOKED')
    const credential = 'credential' in greeted ? (greeted.credential ?? '') : ''
    assert.equal(codeOf(await hello('revoked', credential)), 'AGENT_CREDENTIAL_REVOKED')
  })

  test('that nobody gave out are refused', async () => {
    assert.equal(codeOf(await hello('stranger', 'sluice_join_made-up')), 'JOIN_TOKEN_INVALID')
    assert.equal(codeOf(await hello('stranger', 'sluice_agent_made-up')), 'AGENT_CREDENTIAL_INVALID')
  })

  test('are shown once, and asked for again by the same key without the secret', async () => {
    const input = { cluster: 'once', idempotencyKey: 'once' }
    const first = await create(input)
    const second = await create(input)
    expect(second).toEqual({ ...first, token: null })
  })

  test('for no cluster’s name, or for ever, are not made; a dry run makes none', async () => {
    expect((await create({ cluster: 'No Name' })).userErrors).toMatchObject([{ code: 'NAME_INVALID' }])
    expect((await create({ cluster: 'east', lifetimeSeconds: 1e8 })).userErrors).toMatchObject([
      { code: 'LIFETIME_INVALID' },
    ])
    expect(await create({ cluster: 'east', dryRun: true })).toEqual({ joinToken: null, token: null, userErrors: [] })
  })

  test('are operators’ business', async () => {
    const { codes } = await inventory.graph.ask(engineer, CREATE, { input: { cluster: 'mine' } })
    expect(codes).toEqual(['FORBIDDEN'])
    const list = await inventory.graph.ask(engineer, '{ joinTokens { edges { node { id } } } }')
    expect(list.codes).toEqual(['FORBIDDEN'])
    await create({ cluster: 'theirs' })
    const all = await inventory.graph.ask<{ joinTokens: { edges: unknown[] } }>(
      operator,
      '{ joinTokens { edges { node { cluster usedAt createdBy } } } }',
    )
    expect(all.data.joinTokens.edges).toMatchObject([{ node: { cluster: 'theirs', createdBy: 'olga' } }])
  })
})
