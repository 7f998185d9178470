import { describe, expect, test } from 'vitest'
import type { Claims } from '../../platform/identity/identity.ts'
import { startTestGateway, type TestGateway } from '../testkit/gateway.ts'

const OPERATOR: Claims = { kind: 'operator', subject: 'olga' }
const SCHEMA = '{ ...Schema } fragment Schema on Query { __schema { queryType { name } } }'

async function ask(cloud: TestGateway, query: string, claims?: Claims) {
  const { data, errors } = await cloud.post(query, { token: await cloud.token(claims) })
  return errors ? errors.map(({ message, extensions }) => [extensions.code, message]) : data
}

describe('the schema', () => {
  test('is told to whoever is signed in', async () => {
    const cloud = await startTestGateway()
    expect(await ask(cloud, SCHEMA)).toEqual({ __schema: { queryType: { name: 'Query' } } })
  })

  test('is told to operators alone where that is the policy; __typename is no question about it', async () => {
    const cloud = await startTestGateway({ limits: { introspection: 'operators' } })
    expect(await ask(cloud, SCHEMA)).toEqual([['FORBIDDEN', expect.any(String)]])
    expect(await ask(cloud, SCHEMA, OPERATOR)).toEqual({ __schema: { queryType: { name: 'Query' } } })
    expect(await ask(cloud, '{ __typename }')).toEqual({ __typename: 'Query' })
  })

  test('is not told by what an error suggests either', async () => {
    const cloud = await startTestGateway({ limits: { introspection: 'operators' } })
    expect(await ask(cloud, '{ job { id } caler }')).toContainEqual([
      'GRAPHQL_VALIDATION_FAILED',
      'Cannot query field "caler" on type "Query".',
    ])
    expect(await ask(cloud, '{ caler }', OPERATOR)).toEqual([
      ['GRAPHQL_VALIDATION_FAILED', 'Cannot query field "caler" on type "Query". Did you mean "caller"?'],
    ])
  })

  test('is told to nobody without a token, mistakes in a query included', async () => {
    const cloud = await startTestGateway()
    const { status, errors } = await cloud.post('{ caler }')
    expect([status, errors?.map(({ extensions }) => extensions.code)]).toEqual([401, ['UNAUTHENTICATED']])
  })
})
