import { GraphQLError } from 'graphql'
import pg from 'pg'
import { expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { maskError } from './errors.ts'

const log = createLog('silent')

function masked(sqlState: string) {
  const originalError = new pg.DatabaseError('could not extend file "base/5/16384"', 0, 'error')
  originalError.code = sqlState
  const { message, extensions } = maskError(new GraphQLError('x', { originalError, path: ['submitJob'] }), 'r1', log)
  return { message, ...extensions }
}

test('a database without room is told from one that is out of reach, and neither says what happened inside', () => {
  const unavailable = { code: 'SERVICE_UNAVAILABLE', requestId: 'r1' }
  expect(masked('53100')).toEqual({ ...unavailable, message: expect.stringMatching(/no room to store anything/) })
  expect(masked('57P03')).toEqual({ ...unavailable, message: expect.stringMatching(/cannot reach its database/) })
  expect(masked('23505')).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
})
