import { assert, describe, expect, test } from 'vitest'
import { CompositionError, composeSupergraph, publicSchema } from './composition.ts'

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@inaccessible"])'
const jobs = {
  name: 'jobs',
  typeDefs: `${LINK} type Query { job(id: ID!): Job secret: Int @inaccessible } type Job @key(fields: "id") { id: ID! name: String! }`,
}
const metering = { name: 'metering', typeDefs: `${LINK} type Job @key(fields: "id") { id: ID! cost: String }` }

describe('composition', () => {
  test('fields of all subgraphs meet in one entity', () => {
    expect(composeSupergraph([jobs, metering])).toContain('cost: String')
  })

  test('clients see neither the directives of federation nor what is inaccessible', () => {
    const schema = publicSchema([jobs, metering])
    expect(schema).toContain('name: String!')
    expect(schema).toContain('cost: String')
    expect(schema).not.toMatch(/join__|@key|secret/)
  })

  test('every conflict is named, not only the first', () => {
    const rival = {
      name: 'rival',
      typeDefs: `${LINK} type Query { job(id: ID!): Job } type Job @key(fields: "id") { id: ID! name: String! }`,
    }
    const conflicts = conflictsOf([jobs, rival])
    expect(conflicts.filter((conflict) => conflict.includes('Query.job'))).toHaveLength(1)
    expect(conflicts.filter((conflict) => conflict.includes('Job.name'))).toHaveLength(1)
  })

  test('a schema that cannot be read is named with the place', () => {
    expect(conflictsOf([jobs, { name: 'broken', typeDefs: 'type Query {\n  job: \n}' }])).toEqual([
      expect.stringMatching(/^\[broken\] line 3, column 1: /),
    ])
  })
})

function conflictsOf(subgraphs: { name: string; typeDefs: string }[]): readonly string[] {
  try {
    composeSupergraph(subgraphs)
  } catch (error) {
    assert(error instanceof CompositionError)
    return error.conflicts
  }
  return assert.fail('it composed')
}
