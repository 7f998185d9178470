import { describe, expect, test } from 'vitest'
import { at, device, type PodRecord, pod, podGone, T0 } from '../testkit/builders.ts'
import { MemoryLedger } from '../testkit/ledger.ts'
import { numbered } from '../testkit/lifecycles.ts'

type Record = PodRecord | ReturnType<typeof podGone>
const t0 = Date.parse(T0) / 1000

/** The ledger after one batch per argument; times in seconds after T0. */
function ledgerOf(...batches: Record[][]) {
  const ledger = new MemoryLedger()
  for (const batch of numbered(batches)) ledger.apply(batch)
  return ledger.intervals().map(({ startSeconds, endSeconds, startedSeconds, ...rest }) => ({
    ...rest,
    start: startSeconds === null ? null : startSeconds - t0,
    started: startedSeconds === null ? null : startedSeconds - t0,
    end: endSeconds === null ? null : endSeconds - t0,
  }))
}
const finished = (seconds: number) => ({ phase: 'Succeeded' as const, finishedAt: at(seconds) })

describe('one pod', () => {
  test('that was never bound holds nothing', () => {
    expect(ledgerOf([pod('a', { admittedAt: null }), podGone('a', at(5))])).toEqual([])
  })

  test('counts from its admission, start-up included, in whole seconds rounded down', () => {
    const life = pod('a', { admittedAt: at(1.9), startedAt: at(4.2) })
    expect(ledgerOf([life], [{ ...life, ...finished(9.99) }])).toMatchObject([
      { state: 'CLOSED', start: 1, started: 4, end: 9, gpuSeconds: '8', cost: '0.008', ending: 'FINISHED' },
    ])
  })

  test('has a row per device, and its cores and memory only once', () => {
    const rows = ledgerOf([pod('a', { devices: [device(0), device(1, { share: '0.125' })], ...finished(8) })])
    expect(rows).toMatchObject([
      { ordinal: 0, device: 'GPU-0', share: '1', cpuMilli: 1500, memoryMib: 1024, gpuSeconds: '8', cost: '0.008' },
      { ordinal: 1, device: 'GPU-1', share: '0.125', cpuMilli: 0, memoryMib: 0, gpuSeconds: '1', cost: '0.001' },
    ])
  })

  test('without a GPU has one row without a device', () => {
    expect(ledgerOf([pod('a', { devices: [], ...finished(8) })])).toMatchObject([
      { ordinal: 0, device: null, model: null, share: '0', cpuMilli: 1500, gpuSeconds: '0', cost: '0' },
    ])
  })

  test('that is deleted without a word of its end ends then', () => {
    expect(ledgerOf([pod('a')], [podGone('a', at(6.5))])).toMatchObject([{ state: 'CLOSED', end: 6, ending: 'GONE' }])
  })

  test('that ended keeps its end when it is deleted later, in the same batch too', () => {
    const end = pod('a', finished(4))
    expect(ledgerOf([end, podGone('a', at(9))])).toMatchObject([{ end: 4, ending: 'FINISHED' }])
    expect(ledgerOf([end], [podGone('a', at(9))], [pod('a', finished(7))])).toMatchObject([{ end: 4 }])
  })

  test('that ended before its admission by another clock held it for no time', () => {
    expect(ledgerOf([pod('a', { admittedAt: at(5), ...finished(3) })])).toMatchObject([
      { start: 5, end: 5, gpuSeconds: '0', clamped: false },
    ])
  })

  test('cannot change afterwards what its binding said', () => {
    const forged = pod('a', {
      admittedAt: at(100),
      devices: [device(0, { share: '0.001' })],
      cpuMilli: 1,
      ...finished(10),
    })
    expect(ledgerOf([pod('a')], [forged])).toMatchObject([{ start: 0, end: 10, share: '1', cpuMilli: 1500 }])
  })

  test('on a device that is seen only later is told which it was', () => {
    const unknown = device(0, { index: null, uuid: null, identity: 'UNKNOWN' })
    const observed = device(3, { identity: 'OBSERVED' })
    expect(ledgerOf([pod('a', { devices: [unknown] })], [pod('a', { devices: [observed] })])).toMatchObject([
      { device: 'GPU-3', deviceIndex: 3, identity: 'OBSERVED' },
    ])
  })

  test('on a device without uuid is told apart by node and index', () => {
    expect(ledgerOf([pod('a', { devices: [device(2, { uuid: null })] })])).toMatchObject([{ device: 'n1/2' }])
  })
})

describe('a successor on a device', () => {
  test('waits, counting nothing, until its predecessor has told its end', () => {
    const batches = [[pod('a')], [pod('b', { admittedAt: at(10) })]]
    expect(ledgerOf(...batches)).toMatchObject([
      { podUid: 'a', start: 0, end: null },
      { podUid: 'b', start: null },
    ])
    expect(ledgerOf(...batches, [pod('a', finished(12))])).toMatchObject([
      { podUid: 'a', end: 12, clamped: false },
      { podUid: 'b', start: 12, clamped: true },
    ])
  })

  test('that ended before its predecessor told its end keeps its time, which the predecessor then lacks', () => {
    const batches = [[pod('a')], [pod('b', { admittedAt: at(10), ...finished(20) })]]
    expect(ledgerOf(...batches)).toMatchObject([
      { podUid: 'a', state: 'OPEN', end: 10 },
      { podUid: 'b', start: 10, end: 20 },
    ])
    expect(ledgerOf(...batches, [pod('a', finished(13))])).toMatchObject([
      { podUid: 'a', state: 'CLOSED', start: 0, end: 10, clamped: true },
      { podUid: 'b', start: 10, end: 20 },
    ])
  })

  test('on a device that is not known is nobody’s successor', () => {
    const unknown = { devices: [device(0, { index: null, uuid: null, identity: 'UNKNOWN' as const })] }
    expect(ledgerOf([pod('a', unknown), pod('b', { ...unknown, ...finished(5) })])).toMatchObject([
      { podUid: 'a', start: 0 },
      { podUid: 'b', start: 0, end: 5 },
    ])
  })
})

describe('a record that makes no sense is refused', () => {
  const broken: { [name: string]: PodRecord } = {
    'a time that is none': pod('a', { admittedAt: 'yesterday' }),
    'an end that is no time': pod('a', { finishedAt: '' }),
    'a share above a device': pod('a', { devices: [device(0, { share: '1.5' })] }),
    'a share of nothing': pod('a', { devices: [device(0, { share: '0' })] }),
    'a share that is no decimal': pod('a', { devices: [device(0, { share: '1e-1' })] }),
    'a device without a model': pod('a', { devices: [device(0, { model: '' })] }),
    'cores below nothing': pod('a', { cpuMilli: -1 }),
    'a pod of nobody': pod('a', { tenantId: '' }),
  }
  for (const [name, record] of Object.entries(broken)) {
    test(name, () => expect(() => ledgerOf([record])).toThrow(TypeError))
  }
})
