import { assert, describe, expect, test } from 'vitest'
import type { ClusterErrorCode } from '../cluster.ts'
import { fromStatus } from './errors.ts'

describe('an answer of the API server becomes a code', () => {
  const cases: { status: number; reason?: string; want: ClusterErrorCode }[] = [
    { status: 400, reason: 'BadRequest', want: 'BAD_REQUEST' },
    { status: 401, reason: 'Unauthorized', want: 'UNAUTHORIZED' },
    { status: 403, reason: 'Forbidden', want: 'FORBIDDEN' },
    { status: 404, reason: 'NotFound', want: 'NOT_FOUND' },
    { status: 405, reason: 'MethodNotAllowed', want: 'BAD_REQUEST' },
    { status: 409, reason: 'AlreadyExists', want: 'ALREADY_EXISTS' },
    { status: 409, reason: 'Conflict', want: 'CONFLICT' },
    { status: 409, want: 'CONFLICT' },
    { status: 410, reason: 'Expired', want: 'EXPIRED' },
    { status: 410, reason: 'Gone', want: 'EXPIRED' },
    { status: 413, reason: 'RequestEntityTooLarge', want: 'BAD_REQUEST' },
    { status: 422, reason: 'Invalid', want: 'INVALID' },
    { status: 429, reason: 'TooManyRequests', want: 'TOO_MANY_REQUESTS' },
    { status: 500, reason: 'InternalError', want: 'UNAVAILABLE' },
    { status: 500, reason: 'ServerTimeout', want: 'TIMEOUT' },
    { status: 503, reason: 'ServiceUnavailable', want: 'UNAVAILABLE' },
    { status: 504, reason: 'Timeout', want: 'TIMEOUT' },
    { status: 502, want: 'UNAVAILABLE' },
  ]
  for (const { status, reason, want } of cases) {
    test(`${status} ${reason ?? 'without a reason'}: ${want}`, () => {
      const error = fromStatus(status, { ...(reason !== undefined && { reason }), message: 'why' })
      expect(error).toMatchObject({ code: want, status, message: 'why' })
    })
  }
})

describe('when to come back', () => {
  test('is what the status says, before the header', () => {
    assert.equal(fromStatus(429, { details: { retryAfterSeconds: 7 } }, '3').retryAfterSeconds, 7)
    assert.equal(fromStatus(429, {}, '3').retryAfterSeconds, 3)
  })
  test('is unknown where neither says it in seconds', () => {
    assert.isUndefined(fromStatus(429, {}).retryAfterSeconds)
    assert.isUndefined(fromStatus(429, {}, 'Wed, 21 Oct 2026 07:28:00 GMT').retryAfterSeconds)
  })
})
