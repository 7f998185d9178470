import { setImmediate as immediate } from 'node:timers/promises'
import { pino } from 'pino'
import { assert, describe, test } from 'vitest'
import { ClusterError } from '../../kubernetes/cluster.ts'
import { manualTimers } from '../testkit/stage.ts'
import { Writes } from './writes.ts'

function startWrites(limit = 2) {
  const timers = manualTimers()
  const stopper = new AbortController()
  const log = pino({ level: 'silent' })
  const writes = new Writes({ limit, timers, random: () => 1, log, stopping: stopper.signal })
  return { writes, timers, stop: () => stopper.abort() }
}

describe('writes', () => {
  test('are under way only so many at once, and none is left out', async () => {
    const { writes } = startWrites(2)
    let running = 0
    let most = 0
    const one = async () => {
      most = Math.max(most, ++running)
      await immediate()
      running -= 1
    }
    await Promise.all(Array.from({ length: 9 }, () => writes.run('test', one)))
    assert.equal(most, 2)
  })

  test('that fail in passing are repeated, each time later, and do not keep others from their turn', async () => {
    const { writes, timers } = startWrites(1)
    let attempts = 0
    const failing = writes.run('test', async () => {
      attempts += 1
      if (attempts < 4) throw new ClusterError('UNAVAILABLE', 'not now')
      return 'done'
    })
    assert.equal(await writes.run('test', async () => 'other'), 'other')
    for (const [waitMs, want] of [
      [99, 1],
      [1, 2],
      [199, 2],
      [1, 3],
      [400, 4],
    ] as const) {
      timers.pass(waitMs)
      await immediate()
      assert.equal(attempts, want)
    }
    assert.equal(await failing, 'done')
  })

  test('that are refused say so at once', async () => {
    const { writes } = startWrites()
    let attempts = 0
    const refused = writes.run('test', async () => {
      attempts += 1
      throw new ClusterError('INVALID', 'no')
    })
    const error = await refused.catch((caught: unknown) => caught)
    assert.equal((error as ClusterError).code, 'INVALID')
    assert.equal(attempts, 1)
  })

  test('are not repeated once the scheduler is stopping', async () => {
    const { writes, stop } = startWrites()
    const failing = writes.run('test', async () => {
      throw new ClusterError('TIMEOUT', 'no answer')
    })
    await immediate()
    stop()
    const error = await failing.catch((caught: unknown) => caught)
    assert.equal((error as ClusterError).code, 'TIMEOUT')
  })
})
