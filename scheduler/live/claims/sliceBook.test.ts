import { describe, expect, test } from 'vitest'
import type { ResourceSlice } from '../../../kubernetes/objects.ts'
import { SliceBook } from './sliceBook.ts'

type Device = NonNullable<ResourceSlice['spec']['devices']>[number]

function slice(
  name: string,
  devices: (string | Device)[],
  changes: Partial<ResourceSlice['spec']> = {},
): ResourceSlice {
  const pool = { name: 'p', generation: 1, resourceSliceCount: 1 }
  const listed = devices.map((device) => (typeof device === 'string' ? { name: device } : device))
  return { metadata: { name }, spec: { driver: 'd', nodeName: 'n', pool, devices: listed, ...changes } }
}

const namesOn = (book: SliceBook, node = 'n') =>
  book.devicesOn(node).map(({ index, claimable }) => [index, claimable?.name])

describe('the devices of a node', () => {
  test('are those of its slices, with what drivers say of them', () => {
    const book = new SliceBook()
    const attributes = {
      uuid: { string: 'GPU-1' },
      model: { string: 'H100' },
      mig: { bool: false },
      'x.org/numa': { int: 1 },
    }
    const device = { name: 'gpu-0', attributes, capacity: { memory: { value: '80Gi' } } } as Device
    expect(book.note(slice('a', [device]), false)).toBe('n')
    expect(book.devicesOn('n')).toEqual([
      {
        index: 0,
        uuid: 'GPU-1',
        model: 'H100',
        memoryMiB: 81_920,
        healthy: true,
        claimable: {
          driver: 'd',
          pool: 'p',
          name: 'gpu-0',
          attributes: { driver: 'd', 'd/uuid': 'GPU-1', 'd/model': 'H100', 'd/mig': false, 'x.org/numa': 1 },
        },
      },
    ])
  })

  test('are none of a pool whose newest generation is not complete', () => {
    const book = new SliceBook()
    const pool = { name: 'p', generation: 2, resourceSliceCount: 2 }
    book.note(slice('a', ['gpu-0']), false)
    book.note(slice('b', ['gpu-1'], { pool }), false)
    expect(namesOn(book)).toEqual([])
    book.note(slice('c', ['gpu-2'], { pool }), false)
    expect(namesOn(book)).toEqual([
      [1, 'gpu-1'],
      [2, 'gpu-2'],
    ])
    book.note(slice('c', []), true)
    expect(namesOn(book)).toEqual([])
  })

  test('keep their numbers when one of them goes', () => {
    const book = new SliceBook()
    book.note(slice('a', ['gpu-10', 'gpu-2', 'gpu-0']), false)
    expect(namesOn(book).map(([index]) => index)).toEqual([0, 2, 10])
    book.note(slice('a', ['gpu-10', 'gpu-2']), false)
    expect(namesOn(book)).toEqual([
      [2, 'gpu-2'],
      [10, 'gpu-10'],
    ])
  })

  test('are numbered in order where their names do not tell them apart', () => {
    const book = new SliceBook()
    book.note(slice('a', ['mig-1', 'gpu-1']), false)
    expect(namesOn(book)).toEqual([
      [0, 'gpu-1'],
      [1, 'mig-1'],
    ])
  })

  test('are whole: parts of others and those that are shared are left out, tainted ones are not given', () => {
    const book = new SliceBook()
    const taints = [{ key: 'broken', effect: 'NoSchedule' }]
    const devices: Device[] = [
      { name: 'gpu-0', consumesCounters: [{ counterSet: 'c', counters: {} }] },
      { name: 'gpu-1', allowMultipleAllocations: true },
      { name: 'gpu-2', taints },
      { name: 'gpu-3', taints: [{ key: 'note', effect: 'None' }] },
    ]
    book.note(slice('a', devices), false)
    expect(book.devicesOn('n').map(({ index, healthy }) => [index, healthy])).toEqual([
      [2, false],
      [3, true],
    ])
  })

  test('that several nodes reach are nobody’s', () => {
    const { nodeName: _, ...spec } = slice('a', ['gpu-0']).spec
    expect(new SliceBook().note({ metadata: { name: 'a' }, spec: { ...spec, allNodes: true } }, false)).toBeNull()
  })
})
