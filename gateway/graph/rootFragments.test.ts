import { parse, print } from 'graphql'
import { describe, expect, test } from 'vitest'
import { withoutRootFragments } from './rootFragments.ts'

const operationOf = (query: string) => print(withoutRootFragments(parse(query)).definitions[0] ?? parse(query))
const flat = (query: string) => operationOf(query).replace(/\s+/g, ' ')

describe('an operation without fragments at its root', () => {
  const cases: Record<string, { query: string; want: string }> = {
    'has the fields of those it spread': {
      query: '{ a ...F } fragment F on Query { b ...G } fragment G on Query { __schema { types { name } } }',
      want: '{ a b __schema { types { name } } }',
    },
    'has those of inline fragments': { query: '{ ... on Query { ... { a } b } }', want: '{ a b }' },
    'keeps their conditions, on each field': {
      query: '{ ...F @skip(if: true) } fragment F on Query { a b @include(if: false) }',
      want: '{ a @skip(if: true) b @skip(if: true) @include(if: false) }',
    },
    'keeps fragments further down': { query: '{ a { ...F } } fragment F on A { b }', want: '{ a { ...F } }' },
  }
  for (const [name, { query, want }] of Object.entries(cases)) {
    test(name, () => expect(flat(query)).toBe(want))
  }
})
