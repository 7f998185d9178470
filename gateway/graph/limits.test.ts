import { describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../testkit/gateway.ts'
import { OPERATION_LIMITS } from './limits.ts'

const { aliases, depth, directives, fields, rootFields, tokens } = OPERATION_LIMITS

describe('operations are bounded', () => {
  test('as many aliases as allowed pass, one more does not', async () => {
    const cloud = await startTestGateway()
    expect(await codesOf(cloud, `{ jobs { ${aliased('id', aliases)} } }`)).toEqual([])
    expect(await codesOf(cloud, `{ jobs { ${aliased('id', aliases + 1)} } }`)).toEqual(['OPERATION_TOO_LARGE'])
  })

  test('so do fields of the root, which a fragment does not hide', async () => {
    const cloud = await startTestGateway()
    expect(await codesOf(cloud, `{ ${aliased('caller', rootFields)} }`)).toEqual([])
    const hidden = `{ ...Root } fragment Root on Query { ${aliased('caller', rootFields + 1)} }`
    expect(await codesOf(cloud, hidden)).toEqual(['OPERATION_TOO_LARGE'])
  })

  test('and directives', async () => {
    const cloud = await startTestGateway()
    const skipping = (count: number) => `{ jobs { ${'id @skip(if: true) '.repeat(count)} name } }`
    expect(await codesOf(cloud, skipping(directives))).toEqual([])
    expect(await codesOf(cloud, skipping(directives + 1))).toEqual(['OPERATION_TOO_LARGE'])
  })

  test('depth counts through fragments, and introspection by usual tools fits', async () => {
    const cloud = await startTestGateway()
    expect(await codesOf(cloud, `{ __type(name: "Job") { ${ofType(depth - 2)} } }`)).toEqual([])
    const split = `{ __type(name: "Job") { ...Inner } } fragment Inner on __Type { ${ofType(depth - 1)} }`
    expect(await codesOf(cloud, split)).toEqual(['OPERATION_TOO_LARGE'])
  })

  test('fragments that double one another are counted without being unfolded', async () => {
    const cloud = await startTestGateway()
    const levels = Array.from({ length: 30 }, (_, level) => {
      const next = level < 29 ? `...F${level + 1} ...F${level + 1}` : 'id'
      return `fragment F${level} on Job { ${next} }`
    })
    expect(await codesOf(cloud, `{ jobs { ...F0 } } ${levels.join(' ')}`)).toEqual(['OPERATION_TOO_LARGE'])
  })

  test('a fragment that spreads itself is refused, not followed', async () => {
    const cloud = await startTestGateway()
    const codes = await codesOf(cloud, '{ jobs { ...Loop } } fragment Loop on Job { id ...Loop }')
    expect(codes).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  })

  test('too many fields', async () => {
    const cloud = await startTestGateway()
    expect(await codesOf(cloud, `{ jobs { ${'id '.repeat(fields)} } }`)).toContain('OPERATION_TOO_LARGE')
  })

  test('too many tokens stop the parser', async () => {
    const cloud = await startTestGateway()
    expect(await codesOf(cloud, `{ jobs { ${'id '.repeat(tokens)} } }`)).toEqual(['GRAPHQL_PARSE_FAILED'])
  })
})

async function codesOf(cloud: TestGateway, query: string): Promise<unknown[]> {
  const { errors } = await cloud.post(query, { token: await cloud.token() })
  return (errors ?? []).map(({ extensions }) => extensions.code)
}

function aliased(field: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ')
}

function ofType(levels: number): string {
  return `${'ofType { '.repeat(levels)} name ${'}'.repeat(levels)}`
}
