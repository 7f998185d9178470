import { readFileSync } from 'node:fs'
import { buildSchema, parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { DEFAULT_FIRST, MAX_FIRST } from '../../platform/graph/pages.ts'
import { costOf } from './cost.ts'

const schema = buildSchema(readFileSync(new URL('../generated/schema.graphql', import.meta.url), 'utf8'))
const cost = (query: string, variables: Record<string, unknown> | null = {}) =>
  costOf(schema, { document: parse(query), variables }).cost

describe('an operation costs', () => {
  const cases: Record<string, { query: string; variables?: Record<string, unknown> | null; want: number }> = {
    'nothing more for fields that are no objects': { query: '{ viewer { kind subject role } }', want: 1 },
    'every object that it may make': { query: '{ viewer { tenant { slug } } }', want: 2 },
    'as many objects as the page may hold': { query: '{ jobs(first: 3) { edges { node { id } } } }', want: 1 + 3 * 2 },
    'a page of the usual size where none is given': {
      query: '{ jobs { edges { node { id } } } }',
      want: 1 + DEFAULT_FIRST * 2,
    },
    'what a variable asks for': {
      query: 'query ($first: Int) { jobs(first: $first) { edges { node { id } } } }',
      variables: { first: 7 },
      want: 1 + 7 * 2,
    },
    'a page of the usual size where variables are null': {
      query: 'query ($first: Int) { jobs(first: $first) { edges { node { id } } } }',
      variables: null,
      want: 1 + DEFAULT_FIRST * 2,
    },
    'a variable’s default where it is not given': {
      query: 'query ($first: Int = 4) { jobs(first: $first) { edges { node { id } } } }',
      want: 1 + 4 * 2,
    },
    'pages in pages, multiplied': {
      query: '{ jobs(first: 10) { edges { node { pods(first: 20) { edges { node { id } } } } } } }',
      want: 1 + 10 * (2 + 1 + 20 * 2),
    },
    'one object of a page that is asked for nothing': {
      query: '{ jobs(first: 0) { eventsCursor edges { node { id } } } }',
      want: 1,
    },
    'no more than a full page for one that will be refused': {
      query: '{ jobs(first: 2000000000) { edges { cursor } } }',
      want: 1 + MAX_FIRST,
    },
    'no less than nothing for one below zero': { query: '{ jobs(first: -5) { edges { cursor } } }', want: 1 },
    'ten of a list that has no pages': { query: '{ queue(id: "q") { quotas { flavor } } }', want: 1 + 10 },
    'a fragment wherever it is spread': {
      query: '{ a: viewer { ...V } b: viewer { ...V } } fragment V on Viewer { tenant { slug } }',
      want: 4,
    },
    'what any type of an interface may make': {
      query: '{ node(id: "x") { ... on Job { project { slug } } ... on Pod { job { id } } } }',
      want: 3,
    },
    'a change': { query: 'mutation { cancelJob(input: { id: "j" }) { job { id } userErrors { code } } }', want: 22 },
    'each change, also where a fragment has it': {
      query:
        'mutation { ...M } fragment M on Mutation { a: cancelJob(input: { id: "j" }) { job { id } } b: cancelJob(input: { id: "j" }) { job { id } } }',
      want: 24,
    },
    'a stream': { query: 'subscription { jobEvents { type } }', want: 11 },
    'the schema, however deep': { query: '{ __schema { types { fields { args { name } } } } }', want: 100 },
  }
  for (const [name, { query, variables, want }] of Object.entries(cases)) {
    test(`${name}: ${want}`, () => {
      expect(cost(query, variables)).toBe(want)
    })
  }

  test('as much when fragments double one another thirty times, without unfolding them', () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      const next = level < 29 ? `...F${level + 1} ...F${level + 1}` : 'tenant { slug }'
      return `fragment F${level} on Viewer { ${next} }`
    })
    expect(cost(`{ viewer { ...F0 } } ${levels.join(' ')}`)).toBe(1 + 2 ** 29)
  })
})

test('asking for the schema is seen, also inside a fragment', () => {
  const introspects = (query: string) => costOf(schema, { document: parse(query) }).introspects
  expect(introspects('{ ...S } fragment S on Query { __type(name: "Job") { name } }')).toBe(true)
  expect(introspects('{ __typename viewer { __typename } }')).toBe(false)
})
