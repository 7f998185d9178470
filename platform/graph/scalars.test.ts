import { buildSchema, execute, parse } from 'graphql'
import { expect, test } from 'vitest'
import { restrictScalars } from './scalars.ts'

const schema = buildSchema('scalar DateTime scalar Decimal type Query { echo(at: DateTime, amount: Decimal): String }')
restrictScalars(schema)
const rootValue = { echo: ({ at, amount }: { at?: string; amount?: string }) => at ?? amount }

async function ask(query: string, variableValues: Record<string, unknown> = {}) {
  const { data, errors } = await execute({ schema, document: parse(query), rootValue, variableValues })
  return errors ? errors.map(({ message, extensions }) => extensions.code ?? message) : data
}

test('a text is taken as it is, from a variable and from the document', async () => {
  const at = '2026-01-01T00:00:00Z'
  expect(await ask('query ($at: DateTime) { echo(at: $at) }', { at })).toEqual({ echo: at })
  expect(await ask(`{ echo(at: "${at}") }`)).toEqual({ echo: at })
})

for (const value of [true, [], ['2026-01-01T00:00:00Z'], {}, { toString: null }]) {
  test(`${JSON.stringify(value)} is no text`, async () => {
    expect(await ask('query ($at: DateTime) { echo(at: $at) }', { at: value })).toEqual(['BAD_USER_INPUT'])
    expect(await ask('query ($amount: Decimal) { echo(amount: $amount) }', { amount: value })).toEqual([
      'BAD_USER_INPUT',
    ])
  })
}

test('a decimal may be a number, and is a text from there on', async () => {
  expect(await ask('query ($amount: Decimal) { echo(amount: $amount) }', { amount: 0.1 })).toEqual({ echo: '0.1' })
  expect(await ask('{ echo(amount: 1.5) }')).toEqual({ echo: '1.5' })
})

test('a time is no number', async () => {
  expect(await ask('query ($at: DateTime) { echo(at: $at) }', { at: 1 })).toEqual(['BAD_USER_INPUT'])
  expect(await ask('{ echo(at: 1) }')).toEqual([expect.stringContaining('invalid value')])
})
