import { expect, test } from 'vitest'
import { allocationOverTime } from './allocation.ts'

const held = (startMs: number, endMs: number, share = '1') => ({ device: 'GPU-1', startMs, endMs, share })
const gpusIn = (parts: ReturnType<typeof allocationOverTime>) => parts.map(({ gpus }) => gpus)

test('a GPU that is held throughout is one GPU in every part', () => {
  expect(allocationOverTime([held(1_000, 5_000)], 4)).toEqual(
    [1_000, 2_000, 3_000, 4_000].map((startMs) => ({ startMs, gpus: 1 })),
  )
})

test('what is held for a while counts for that while', () => {
  expect(gpusIn(allocationOverTime([held(0, 4_000), held(500, 2_500)], 4))).toEqual([1.5, 2, 1.5, 1])
})

test('a share is that part of a GPU', () => {
  expect(gpusIn(allocationOverTime([held(0, 2_000, '0.25'), held(1_000, 2_000, '0.5')], 2))).toEqual([0.25, 0.75])
})

test('in all parts together stand all GPU-seconds', () => {
  const intervals = [held(0, 700), held(300, 1_100, '0.4'), held(1_050, 1_051)]
  const parts = allocationOverTime(intervals, 7)
  const gpuMs = gpusIn(parts).reduce((sum, gpus) => sum + gpus * (1_100 / 7), 0)
  expect(gpuMs).toBeCloseTo(700 + 320 + 1)
})

test('where nothing was held there is nothing to tell', () => {
  expect(allocationOverTime([], 4)).toEqual([])
  expect(allocationOverTime([held(5, 5)], 4)).toEqual([])
})
