import { assert, test } from 'vitest'
import { aJob, aNode, aPod, aQueue, aRunning, aSnapshot } from '../testkit/builders.ts'
import { type CellFigures, queueFigures } from './queueFigures.ts'

const nodes = [aNode('n1'), aNode('n2')]
const queues = [
  aQueue('root'),
  aQueue('vision', { parent: 'root', nominal: 8 }),
  aQueue('speech', { parent: 'root', nominal: 4, lending: 2 }),
  aQueue('idle', { parent: 'root', nominal: 4 }),
]
const gpusOf = (snapshot: ReturnType<typeof aSnapshot>, nowMs = 0, flavor = '*') =>
  Object.fromEntries(
    queueFigures(snapshot, nowMs).map(({ queue, cells }) => [
      queue,
      cells.find((cell) => cell.resource === 'GPU' && cell.flavor === flavor),
    ]),
  ) as Record<string, CellFigures>

const borrower = aRunning('borrower', 'n1/0+1+2+3+4+5+6+7 n2/0+1+2', { queue: 'vision' })

test('who uses more than its own has borrowed it, and those who leave theirs idle have lent it', () => {
  const { vision, speech, idle } = gpusOf(aSnapshot({ nodes, queues, running: [borrower] }))
  assert.deepInclude(vision, { used: 11_000, nominal: 8000, borrowed: 3000, lent: 0, reclaimable: 0 })
  assert.deepInclude(speech, { used: 0, nominal: 4000, borrowed: 0, lent: 1000 })
  assert.deepInclude(idle, { used: 0, borrowed: 0, lent: 2000 })
})

test('what is lent can be had back from jobs that may be stopped', () => {
  const { idle } = gpusOf(aSnapshot({ nodes, queues, running: [borrower] }))
  assert.equal(idle?.reclaimable, 2000)
})

test('nothing can be had back from jobs that may not be stopped, or not yet', () => {
  const held = { ...borrower, preemptible: false }
  assert.equal(gpusOf(aSnapshot({ nodes, queues, running: [held] })).idle?.reclaimable, 0)
  const patient = queues.map((queue) => ({ ...queue, minRuntimeMs: 60_000 }))
  const young = aSnapshot({ nodes, queues: patient, running: [borrower] })
  assert.equal(gpusOf(young, 59_999).idle?.reclaimable, 0)
  assert.equal(gpusOf(young, 60_000).idle?.reclaimable, 2000)
})

test('what waiting jobs ask counts under any flavor: they have none yet', () => {
  const jobs = [aJob('a', aPod({ gpus: 2, cpuMilli: 500 }), { slots: 3, queue: 'vision' })]
  const [figures] = queueFigures(aSnapshot({ nodes, queues, jobs }), 0).filter(({ queue }) => queue === 'vision')
  const pending = figures?.cells.map(({ flavor, resource, pending }) => [flavor, resource, pending])
  assert.deepEqual(pending, [
    ['*', 'GPU', 6000],
    ['*', 'CPU', 1500],
    ['*', 'MEMORY', 3072],
  ])
})

test('a flavor of which it holds something is told by itself', () => {
  const { vision, idle } = gpusOf(aSnapshot({ nodes, queues, running: [borrower] }), 0, 'a100')
  assert.deepInclude(vision, { used: 11_000, nominal: null, borrowed: 0 })
  assert.isUndefined(idle)
})

test('the weighted share is what it has beyond its own, of all there is', () => {
  const figures = queueFigures(aSnapshot({ nodes, queues, running: [borrower] }), 0)
  assert.equal(figures.find(({ queue }) => queue === 'vision')?.weightedShare, 3 / 16)
  assert.equal(figures.find(({ queue }) => queue === 'idle')?.weightedShare, 0)
})
