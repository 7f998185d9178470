import type { ExecutionResult } from 'graphql'
import { expect, test } from 'vitest'
import { answerInTime } from './answerInTime.ts'

test('an answer in time is the answer', async () => {
  expect(await answerInTime('jobs', Promise.resolve({ data: {} }), 1_000)).toEqual({ data: {} })
})

test('a failure in time is the failure', async () => {
  await expect(answerInTime('jobs', Promise.reject(new Error('broken')), 1_000)).rejects.toThrow('broken')
})

test('without an answer in time the service is unavailable, and says which part', async () => {
  await expect(answerInTime('jobs', new Promise(() => {}), 1)).rejects.toMatchObject({
    message: expect.stringContaining('jobs'),
    extensions: { code: 'SERVICE_UNAVAILABLE' },
  })
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
  await expect(answerInTime('jobs', answer.promise, 1)).rejects.toThrow()
  answer.resolve(stream)
  await left.promise
})
