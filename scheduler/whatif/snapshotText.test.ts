import { assert, expect, test } from 'vitest'
import { plan } from '../plan/plan.ts'
import { admitted, aJob, aNode, aPod, aQueue, aRunning, aSnapshot, waiting } from '../testkit/builders.ts'
import { carryOut } from './comesTrue.ts'
import { readSnapshot, SnapshotWriter } from './snapshotText.ts'
import { World } from './world.ts'

function busy() {
  return aSnapshot({
    nodes: [aNode('n1', { labels: { zone: 'a' } }), aNode('n2', { model: 'H100', flavor: 'h100' })],
    queues: [aQueue('default', { nominal: 12 }), aQueue('other', { parent: 'default' })],
    running: [aRunning('r', 'n1/0+1', { endsAtMs: 60_000 })],
    jobs: [
      aJob('a', aPod({ gpus: 4 }), { slots: 2, maxRuntimeMs: 1000 }),
      aJob('b', aPod({ gpus: 8 }), { slots: 2 }),
      aJob('c', aPod({ share: 250 }), { queue: 'other', priority: 300 }),
      aJob('d', aPod(), { demand: { code: 'UnsupportedField', message: 'spec.x', fix: 'Drop it.' } }),
    ],
  })
}
const copied = (text: string) => readSnapshot(text) as World

test('what was written and read plans the same', () => {
  const snapshot = busy()
  const read = copied(new SnapshotWriter().write(snapshot))
  const [here, there] = [plan(snapshot, 5000), plan(read, 5000)]
  assert.deepEqual(admitted(there), admitted(here))
  assert.isNotEmpty(admitted(there))
  assert.deepEqual(waiting(there), waiting(here))
  assert.deepEqual(there.reservations, here.reservations)
})

test('every value comes back as it was', () => {
  const snapshot = busy()
  const read = copied(new SnapshotWriter().write(snapshot))
  for (const key of ['topologyLevels', 'nodes', 'queues', 'running', 'agingMs', 'reservedFor', 'typical'] as const)
    expect(read[key]).toEqual(snapshot[key])
  expect(new Map([...read.pending].sort())).toEqual(new Map([...snapshot.pending].sort()))
})

test('a writer that has written before says what is new, and nothing of what is gone', () => {
  const snapshot = busy()
  const writer = new SnapshotWriter()
  writer.write(snapshot)
  carryOut(snapshot, plan(snapshot, 5000), 5000)
  assert.equal(writer.write(snapshot), new SnapshotWriter().write(snapshot))
})

test('of another version it is not read', () => {
  assert.isNull(readSnapshot(new SnapshotWriter().write(busy()).replace('"version":1', '"version":2')))
})

test('a world is a copy: what is tried on it does not show', () => {
  const snapshot = busy()
  const before = new SnapshotWriter().write(snapshot)
  const world = new World(snapshot)
  carryOut(world, plan(world, 5000), 5000)
  assert.equal(new SnapshotWriter().write(snapshot), before)
})
