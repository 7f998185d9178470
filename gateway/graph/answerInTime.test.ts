import type { ExecutionResult } from 'graphql'
import { expect, test } from 'vitest'
import { answerInTime } from './answerInTime.ts'

const query = { subgraph: 'jobs', isMutation: false }
const mutation = { subgraph: 'jobs', isMutation: true }

test('an answer in time is the answer', async () => {
  expect(await answerInTime(Promise.resolve({ data: {} }), query, 1_000)).toEqual({ data: {} })
})

test('a failure in time is the failure', async () => {
  await expect(answerInTime(Promise.reject(new Error('broken')), query, 1_000)).rejects.toThrow('broken')
})

test('without an answer in time the service is unavailable, and says which part', async () => {
  await expect(answerInTime(new Promise(() => {}), query, 1)).rejects.toMatchObject({
    message: expect.stringContaining('jobs'),
    extensions: { code: 'SERVICE_UNAVAILABLE' },
  })
})

test('a change that was not answered may have been made, and the caller is told how to find out', async () => {
  await expect(answerInTime(new Promise(() => {}), mutation, 1)).rejects.toThrow(/same idempotencyKey/)
})

test('a stream that comes too late is left', async () => {
  const left = Promise.withResolvers<void>()
  async function* events(): AsyncGenerator<ExecutionResult, void, void> {}
  const stream = Object.assign(events(), {
    return: async () => {
      left.resolve()
      return { done: true as const, value: undefined }
    },
  })
  const answer = Promise.withResolvers<typeof stream>()
  await expect(answerInTime(answer.promise, query, 1)).rejects.toThrow()
  answer.resolve(stream)
  await left.promise
})
