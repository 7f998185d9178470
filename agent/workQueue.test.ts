import { setImmediate as immediate } from 'node:timers/promises'
import { assert, describe, test } from 'vitest'
import { promptTimers } from './testkit/promptTimers.ts'
import { startWorkQueue } from './workQueue.ts'

/** A queue whose work ends when the test says how. */
function scripted(promptMs?: number) {
  const timers = promptTimers(promptMs)
  const begun: string[] = []
  const failures: string[] = []
  const ends = new Map<string, PromiseWithResolvers<void>>()
  const queue = startWorkQueue({
    work(key) {
      begun.push(key)
      const end = Promise.withResolvers<void>()
      ends.set(key, end)
      return end.promise
    },
    onFailure: (key, _error, count) => failures.push(`${key} ${count}`),
    onProgress: () => {},
    timers,
    random: () => 1,
  })
  return {
    queue,
    timers,
    begun,
    failures,
    async succeed(key: string) {
      ends.get(key)?.resolve()
      await immediate()
    },
    /** Its next attempt, where that is prompt, has begun when this resolves. */
    async fail(key: string) {
      ends.get(key)?.reject(new Error('not yet'))
      await immediate()
      await immediate()
    },
  }
}

const keys = (count: number) => Array.from({ length: count }, (_, index) => `key ${index}`)

describe('a work queue', () => {
  test('works on 16 keys at a time', async () => {
    const { queue, begun, succeed } = scripted()
    for (const key of keys(20)) queue.add(key)
    assert.deepEqual(begun, keys(16))
    await succeed('key 3')
    assert.deepEqual(begun, keys(17))
    assert.equal(queue.pending, 19)
  })

  test('keys that fail give up their places to the others while they wait', async () => {
    const { queue, begun, fail } = scripted(0)
    for (const key of keys(17)) queue.add(key)
    await fail('key 0')
    assert.deepEqual(begun, keys(17))
  })

  test('tries again after 50 ms at most, then ever later, and soon again once it has succeeded', async () => {
    const { queue, timers, failures, succeed, fail } = scripted(20_000)
    queue.add('a')
    for (let attempt = 0; attempt < 12; attempt++) await fail('a')
    assert.deepEqual(timers.delays.slice(0, 4), [50, 100, 200, 400])
    assert.equal(timers.delays.at(-1), 10_000)
    await succeed('a')
    assert.equal(queue.pending, 0)
    queue.add('a')
    await fail('a')
    assert.equal(timers.delays.at(-1), 50)
    assert.equal(failures.at(-1), 'a 1')
  })

  test('does not wait with a key for which new work comes', async () => {
    const { queue, begun, fail } = scripted(0)
    queue.add('a')
    await fail('a')
    assert.deepEqual(begun, ['a'])
    queue.add('a')
    assert.deepEqual(begun, ['a', 'a'])
    assert.equal(queue.pending, 1)
  })

  test('never works on a key twice at a time, and once more where work came meanwhile', async () => {
    const { queue, begun, succeed } = scripted()
    queue.add('a')
    queue.add('a')
    assert.deepEqual(begun, ['a'])
    await succeed('a')
    assert.deepEqual(begun, ['a', 'a'])
    await succeed('a')
    assert.equal(queue.pending, 0)
  })

  test('begins nothing after it was stopped, and waits for what is under way', async () => {
    const { queue, begun, succeed, fail } = scripted()
    queue.add('a')
    queue.add('b')
    let hasStopped = false
    const stopped = queue.stop().then(() => {
      hasStopped = true
    })
    queue.add('c')
    await fail('a')
    assert.isFalse(hasStopped)
    await succeed('b')
    await stopped
    assert.deepEqual(begun, ['a', 'b'])
  })
})
