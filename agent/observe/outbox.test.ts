import { setImmediate as immediate } from 'node:timers/promises'
import { pino } from 'pino'
import { assert, describe, onTestFinished, test } from 'vitest'
import type { BatchAnswer, Observation, ObservationBatch } from '../../platform/link/protocol.ts'
import { LinkError } from '../link/link.ts'
import { CLUSTER_ID, type FakeControlPlane, fakeControlPlane } from '../testkit/fakeControlPlane.ts'
import { promptTimers } from '../testkit/promptTimers.ts'
import { MAX_BACKLOG, type Outbox, PACE_MS, type Rider, startOutbox } from './outbox.ts'

interface Stage {
  plane: FakeControlPlane
  outbox: Outbox
  /** Adds records with these numbers. */
  tell(...seqs: number[]): void
  tellResyncEnd(seq: number): void
  /** seq of what was acknowledged. */
  acknowledged: number[]
  /** Epochs above which a resync was asked for. */
  resyncs: number[]
  delays: readonly number[]
  time: { nowMs: number }
  settled(): Promise<void>
}

/** An outbox to inventory under epoch 1. */
async function start({ epoch = 1, rider }: { epoch?: number; rider?: () => Rider | null } = {}): Promise<Stage> {
  const plane = fakeControlPlane()
  await plane.link.hello({ name: 'test', kubernetesVersion: 'v1' }, AbortSignal.any([]))
  const timers = promptTimers(60_000)
  const acknowledged: number[] = []
  const resyncs: number[] = []
  const time = { nowMs: 1_000 }
  const outbox = startOutbox({
    subgraph: 'inventory',
    ...(rider && { rider }),
    clusterId: CLUSTER_ID,
    link: plane.link,
    observedMs: () => time.nowMs,
    log: pino({ level: 'silent' }),
    timers,
    random: () => 1,
    onAcknowledged: (records) => acknowledged.push(...records.map(({ seq }) => seq)),
    onResyncNeeded: (knownEpoch) => resyncs.push(knownEpoch),
  })
  onTestFinished(() => outbox.stop())
  outbox.restart(epoch)
  return {
    plane,
    outbox,
    tell: (...seqs) => {
      for (const seq of seqs) outbox.add({ kind: 'nodeGone', name: `n${seq}`, seq })
    },
    tellResyncEnd: (seq) => outbox.add({ kind: 'resyncEnd', seq }),
    acknowledged,
    resyncs,
    delays: timers.delays,
    time,
    settled: () => plane.until(() => outbox.backlog === 0),
  }
}

const seqsOf = (records: readonly Observation[]) => records.map(({ seq }) => seq)
const shapes = (batches: readonly ObservationBatch[]) =>
  batches.map(({ epoch, number, records }) => `${epoch}/${number}: ${seqsOf(records)}`)
const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index)
const unreachable = () => new LinkError('no answer')

describe('an outbox', () => {
  test('sends what is told in numbered batches, in order', async () => {
    const { plane, tell, acknowledged, settled } = await start()
    tell(1, 2)
    await settled()
    tell(3)
    await settled()
    assert.deepEqual(shapes(plane.batches('inventory')), ['1/1: 1,2', '1/2: 3'])
    assert.deepEqual(acknowledged, [1, 2, 3])
  })

  test('takes along what rides, with whatever is sent, and loses no record by it', async () => {
    const waiting: Rider[] = [{ kind: 'snapshot', version: 1, at: '2026-01-01T00:00:00.000Z', body: null, queues: [] }]
    const { plane, outbox, tell, settled } = await start({ rider: () => waiting.pop() ?? null })
    outbox.heartbeat()
    await settled()
    waiting.push({ kind: 'snapshot', version: 2, at: '2026-01-01T00:00:01.000Z', body: null, queues: [] })
    tell(1, 2)
    await settled()
    tell(3)
    await settled()
    const kinds = plane.batches('inventory').map(({ records }) => records.map(({ kind }) => kind))
    assert.deepEqual(kinds, [['snapshot'], ['nodeGone', 'nodeGone', 'snapshot'], ['nodeGone']])
  })

  test('sends at most 500 records at a time', async () => {
    const { plane, tell, settled } = await start()
    tell(...range(1, 1_200))
    await settled()
    assert.deepEqual(
      plane.batches('inventory').map(({ records }) => records.length),
      [500, 500, 200],
    )
    assert.deepEqual(seqsOf(plane.records('inventory')), range(1, 1_200))
  })

  test('keeps what is told while a batch is on its way for the next one', async () => {
    const { plane, outbox, tell, settled } = await start()
    const held = Promise.withResolvers<void>()
    plane.observing = async (_subgraph, _batch, deliver) => {
      const answer = deliver()
      await held.promise
      return answer
    }
    tell(1)
    await plane.until(() => plane.batches('inventory').length === 1)
    tell(2, 3)
    assert.equal(outbox.backlog, 3)
    held.resolve()
    await settled()
    assert.deepEqual(shapes(plane.batches('inventory')), ['1/1: 1', '1/2: 2,3'])
  })

  test('sends a batch again until it is answered, ever later', async () => {
    const { plane, tell, acknowledged, delays, settled } = await start()
    let failures = 10
    plane.observing = async (_subgraph, _batch, deliver) => {
      if (failures-- > 0) throw unreachable()
      return deliver()
    }
    tell(1)
    await settled()
    assert.deepEqual(shapes(plane.batches('inventory')), ['1/1: 1'])
    assert.deepEqual(acknowledged, [1])
    assert.deepEqual([...delays.slice(0, 3), delays[9]], [200, 400, 800, 10_000])
  })

  test('lets what changes meanwhile travel together', async () => {
    const { plane, tell, delays, settled } = await start()
    tell(1)
    await settled()
    tell(2)
    tell(3)
    await settled()
    assert.deepEqual(shapes(plane.batches('inventory')), ['1/1: 1', '1/2: 2,3'])
    assert.equal(delays[0], PACE_MS)
  })

  test('repeats a batch whose answer was lost as it was, and loses nothing told meanwhile', async () => {
    const { plane, tell, acknowledged, settled } = await start()
    let isLost = true
    plane.observing = async (_subgraph, _batch, deliver) => {
      const answer = deliver()
      if (!isLost) return answer
      isLost = false
      tell(2)
      throw unreachable()
    }
    tell(1)
    await settled()
    assert.deepEqual(shapes(plane.batches('inventory')), ['1/1: 1', '1/2: 2'])
    assert.deepEqual(acknowledged, [1, 2])
  })

  test('stops although an answer never comes', async () => {
    const { plane, outbox, tell } = await start()
    plane.observing = () => new Promise<BatchAnswer>(() => {})
    tell(1)
    await plane.until(() => plane.calls.length > 0)
    await outbox.stop()
  })
})

describe('how far the cluster has been observed', () => {
  const throughs = (plane: FakeControlPlane) =>
    plane.batches('inventory').map(({ through, records }) => `${Date.parse(through)}: ${records.length}`)

  test('is now in a batch that leaves nothing behind, and not in one that does', async () => {
    const { plane, tell, time, settled } = await start()
    tell(1)
    await settled()
    time.nowMs = 2_000
    tell(...range(2, 501))
    time.nowMs = 3_000
    await settled()
    assert.deepEqual(throughs(plane), ['1000: 1', '1000: 500', '3000: 1'])
  })

  test('is told by a heartbeat where there is nothing else to tell', async () => {
    const { plane, outbox, time, settled } = await start()
    time.nowMs = 5_000
    outbox.heartbeat()
    assert.equal(outbox.backlog, 1)
    await settled()
    assert.deepEqual(throughs(plane), ['5000: 0'])
  })

  test('is told once for several heartbeats that came while a batch was on its way', async () => {
    const { plane, outbox, tell, settled } = await start()
    plane.observing = async (_subgraph, batch, deliver) => {
      if (batch.number === 1) for (let beat = 0; beat < 3; beat++) outbox.heartbeat()
      return deliver()
    }
    tell(1)
    await settled()
    assert.deepEqual(throughs(plane), ['1000: 1', '1000: 0'])
  })

  test('is the time of the resync in the batch that ends it, whatever has come since', async () => {
    const { plane, tell, tellResyncEnd, time, settled } = await start()
    tell(...range(1, 600))
    tellResyncEnd(601)
    time.nowMs = 4_000
    tell(...range(602, 500))
    await settled()
    assert.deepEqual(throughs(plane), ['0: 500', '1000: 101', '4000: 500'])
  })
})

describe('out of step with the control plane', () => {
  const answers: Record<string, BatchAnswer> = {
    'a gap': { outcome: 'gap', expected: { epoch: 1, number: 7 } },
    'an epoch that is over': { outcome: 'staleEpoch', expected: { epoch: 9, number: 3 } },
  }
  for (const [name, answer] of Object.entries(answers)) {
    test(`${name} leads to a resync above the epoch that is known there, asked for once`, async () => {
      const { plane, outbox, tell, tellResyncEnd, acknowledged, resyncs, settled } = await start()
      plane.observing = async () => answer
      tell(1, 2)
      await plane.until(() => resyncs.length > 0)
      tell(3)
      outbox.heartbeat()
      await immediate()
      const sent = plane.calls.filter((call) => call.startsWith('observe'))
      assert.deepEqual(sent, ['observe inventory 1/1'])
      assert.deepEqual(resyncs, [answer.outcome === 'applied' ? 0 : answer.expected.epoch])

      plane.observing = async (_subgraph, _batch, deliver) => deliver()
      outbox.restart(10)
      tell(11)
      tellResyncEnd(12)
      await settled()
      assert.deepEqual(shapes(plane.batches('inventory')), ['10/1: 11,12'])
      assert.deepEqual(acknowledged, [11, 12])
    })
  }

  test('a new epoch does not wait for an answer to the old one, nor believe it', async () => {
    const { plane, outbox, tell, acknowledged, settled } = await start()
    const late = Promise.withResolvers<BatchAnswer>()
    plane.observing = (_subgraph, batch, deliver) => (batch.epoch === 1 ? late.promise : Promise.resolve(deliver()))
    tell(1)
    await plane.until(() => plane.calls.includes('observe inventory 1/1'))
    outbox.restart(2)
    tell(2)
    await settled()
    late.resolve({ outcome: 'applied', quarantined: 0 })
    await immediate()
    assert.deepEqual(shapes(plane.batches('inventory')), ['2/1: 2'])
    assert.deepEqual(acknowledged, [2])
  })
})

describe('with the control plane away for long', () => {
  test('an outbox holds a bounded number of records, then nothing until everything is told again', async () => {
    const { plane, outbox, tell, tellResyncEnd, resyncs } = await start({ epoch: 3 })
    plane.observing = () => new Promise(() => {})
    tellResyncEnd(1)
    tell(...range(2, MAX_BACKLOG))
    assert.deepEqual(resyncs, [])
    tell(MAX_BACKLOG + 2)
    assert.deepEqual(resyncs, [3])
    tell(MAX_BACKLOG + 3)
    assert.deepEqual(resyncs, [3])
    assert.equal(outbox.backlog, 0)
  })

  test('a resync of any size fits, or it would bring on the next one', async () => {
    const { plane, outbox, tell, tellResyncEnd, resyncs } = await start()
    plane.observing = () => new Promise(() => {})
    tell(...range(1, MAX_BACKLOG + 500))
    tellResyncEnd(MAX_BACKLOG + 501)
    tell(MAX_BACKLOG + 502)
    assert.deepEqual(resyncs, [])
    assert.equal(outbox.backlog, MAX_BACKLOG + 502)
  })
})
