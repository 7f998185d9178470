import { assert, describe, test } from 'vitest'
import type { QueueSpec, QueueState } from '../model/queue.ts'
import { aQueue, usageOf } from '../testkit/builders.ts'
import { QueueTree, type TreeQueue } from './queueTree.ts'
import { Shares } from './shares.ts'

/** What a job would hold that holds nothing. */
const NOTHING = { flavor: 'a100', amounts: { GPU: 0, CPU: 0, MEMORY: 0 } }
const NODES = { GPU: 100_000, CPU: 1_000_000, MEMORY: 1_000_000 }

/** @param used GPUs by queue */
function sharesOf(
  specs: QueueSpec[],
  used: Record<string, number>,
  offered = NODES,
  past: Record<string, number> = {},
) {
  const tree = new QueueTree(specs)
  const shares = new Shares(tree, offered)
  const gpus = (by: Record<string, number>, { name }: QueueSpec) => usageOf('a100', (by[name] ?? 0) * 1000)
  const state = (spec: QueueSpec): QueueState => ({ spec, usage: gpus(used, spec), past: gpus(past, spec) })
  shares.setUsage(new Map(specs.map((spec) => [spec.name, state(spec)])))
  return { shares, queue: (name: string) => tree.get(name) as TreeQueue }
}
const shareOf = (specs: QueueSpec[], used: Record<string, number>, name: string) => {
  const { shares, queue } = sharesOf(specs, used)
  return shares.of(queue(name), NOTHING)
}

describe('a queue’s share', () => {
  test('is what it holds of all there is, where nothing is its own', () => {
    assert.equal(shareOf([aQueue('a')], { a: 25 }, 'a'), 0.25)
  })

  test('is nothing within its nominal quota', () => {
    assert.equal(shareOf([aQueue('a', { nominal: 30 })], { a: 25 }, 'a'), 0)
    assert.equal(shareOf([aQueue('a', { nominal: 20 })], { a: 25 }, 'a'), 0.05)
  })

  test('counts flavors apart where quotas do', () => {
    assert.equal(shareOf([aQueue('a', { nominal: 30, flavor: 'h100' })], { a: 25 }, 'a'), 0.25)
    assert.equal(shareOf([aQueue('a', { nominal: 20, flavor: 'a100' })], { a: 25 }, 'a'), 0.05)
  })

  test('weighs less the more the queue weighs', () => {
    assert.equal(shareOf([{ ...aQueue('a'), weightThousandths: 2000 }], { a: 25 }, 'a'), 0.125)
  })

  test('counts what it had beyond its nominal quota of late beside what it has', () => {
    const { shares, queue } = sharesOf([aQueue('a', { nominal: 20 })], { a: 25 }, NODES, { a: 40 })
    assert.equal(shares.of(queue('a'), NOTHING), 0.25)
    assert.equal(sharesOf([aQueue('a', { nominal: 40 })], {}, NODES, { a: 40 }).shares.of(queue('a'), NOTHING), 0)
  })

  test('is of all below it, while that of its own jobs is of them alone', () => {
    const { shares, queue } = sharesOf([aQueue('top'), aQueue('a', { parent: 'top' })], { top: 10, a: 25 })
    assert.equal(shares.of(queue('top'), NOTHING), 0.35)
    assert.equal(shares.ofOwnJobs(queue('top'), NOTHING), 0.1)
  })

  test('is of the resource of which it has most', () => {
    const { shares, queue } = sharesOf([aQueue('a')], { a: 10 })
    shares.use('a', 'a100', { GPU: 0, CPU: 500_000, MEMORY: 0 })
    assert.equal(shares.of(queue('a'), NOTHING), 0.5)
  })

  test('counts the job that asks: within the nominal quota still nothing, beyond it what it would borrow', () => {
    const { shares, queue } = sharesOf([aQueue('a', { nominal: 30 }), aQueue('b')], { a: 25 })
    const asks = (gpus: number) => ({ flavor: 'a100', amounts: { GPU: gpus * 1000, CPU: 0, MEMORY: 0 } })
    assert.equal(shares.of(queue('a'), asks(5)), 0)
    assert.equal(shares.of(queue('a'), asks(10)), 0.05)
    assert.equal(shares.of(queue('b'), asks(10)), 0.1)
  })

  test('is of what quotas promise where no node is there', () => {
    const { shares, queue } = sharesOf(
      [aQueue('top', { nominal: 50 }), aQueue('a', { parent: 'top' })],
      { a: 25 },
      { GPU: 0, CPU: 0, MEMORY: 0 },
    )
    assert.equal(shares.of(queue('a'), NOTHING), 0.5)
  })
})
