import { assert, describe, test } from 'vitest'
import { backoffMs, pause, type Timers } from './timers.ts'

describe('a backoff', () => {
  test('doubles up to its limit', () => {
    const waits = [0, 1, 2, 3, 4, 100].map((attempt) => backoffMs(attempt, 100, 1000, () => 1))
    assert.deepEqual(waits, [100, 200, 400, 800, 1000, 1000])
  })

  test('is spread over its upper half', () => {
    assert.equal(
      backoffMs(3, 100, 1000, () => 0),
      400,
    )
  })
})

describe('a pause', () => {
  test('ends with its signal, and leaves no timer', async () => {
    let waiting = 0
    const timers: Timers = {
      after() {
        waiting += 1
        return () => {
          waiting -= 1
        }
      },
    }
    const stopper = new AbortController()
    const paused = pause(timers, 1_000, stopper.signal)
    assert.equal(waiting, 1)
    stopper.abort()
    await paused
    assert.equal(waiting, 0)
    await pause(timers, 1_000, stopper.signal)
  })
})
