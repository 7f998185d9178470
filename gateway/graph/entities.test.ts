import { describe, expect, test } from 'vitest'
import { refuse } from '../../platform/graph/errors.ts'
import { entityExists, entityOwners } from './entities.ts'

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])'
const tenants = sdl('tenants', 'type Job implements Node @key(fields: "id", resolvable: false) { id: ID! }')
const jobs = sdl('jobs', 'type Job implements Node @key(fields: "id") { id: ID! } type Note { text: String }')
const metering = sdl('metering', 'type Job @key(fields: "id") { id: ID! }')

describe('the owner of an entity', () => {
  test('is who declares it as a Node and resolves it, not who points at it or adds to it', () => {
    const owners = entityOwners([tenants, metering, jobs])
    expect([...owners].map(([typename, { name }]) => [typename, name])).toEqual([['Job', 'jobs']])
  })

  test('is one', () => {
    expect(() => entityOwners([jobs, { ...jobs, name: 'inventory' }])).toThrow(/jobs and inventory/)
  })
})

describe('whether an object exists', () => {
  const cases = {
    'its owner returns it': { answer: { data: { _entities: [{ __typename: 'Job' }] } }, want: true },
    'its owner returns null': { answer: { data: { _entities: [null] } }, want: false },
    'its owner says NOT_FOUND': {
      answer: { data: { _entities: [null] }, errors: [refuse('NOT_FOUND', 'There is none.')] },
      want: false,
    },
  }
  for (const [name, { answer, want }] of Object.entries(cases)) {
    test(`${name}: ${want}`, async () => {
      const exists = entityExists([tenants, { ...jobs, execute: async () => answer }])
      expect(await exists('Job', 'job_1', 'token', 'request')).toBe(want)
    })
  }

  test('its owner has no answer: the error rises, so that nobody takes it for a no', async () => {
    const away = { data: null, errors: [refuse('SERVICE_UNAVAILABLE', 'Try again.')] }
    const exists = entityExists([{ ...jobs, execute: async () => away }])
    await expect(exists('Job', 'job_1', 'token', 'request')).rejects.toMatchObject({
      extensions: { code: 'SERVICE_UNAVAILABLE' },
    })
  })

  test('nobody owns such objects: no', async () => {
    expect(await entityExists([jobs])('Note', 'note_1', 'token', 'request')).toBe(false)
  })

  test('the owner is asked as the caller, in the same request', async () => {
    const asked: unknown[] = []
    const execute = async ({ document: _, ...request }: { document: unknown }) => {
      asked.push(request)
      return { data: { _entities: [null] } }
    }
    await entityExists([{ ...jobs, execute }])('Job', 'job_1', 'token', 'request')
    expect(asked).toEqual([
      {
        variables: { representations: [{ __typename: 'Job', id: 'job_1' }] },
        identityToken: 'token',
        requestId: 'request',
      },
    ])
  })
})

function sdl(name: 'tenants' | 'jobs' | 'metering', types: string) {
  const nobody = async () => Promise.reject(new Error('not to be asked'))
  return { name, typeDefs: `${LINK} interface Node { id: ID! } ${types}`, execute: nobody }
}
