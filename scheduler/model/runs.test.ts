import fc from 'fast-check'
import { assert, test } from 'vitest'
import { firstIndex, runsOf } from './runs.ts'

test('runs are where the value changes', () => {
  const values = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 30 }).map((list) => list.sort((a, b) => b - a))
  fc.assert(
    fc.property(values, (list) => {
      const starts = list.flatMap((value, i) => (value === list[i - 1] ? [] : [i]))
      const runs = runsOf(list, (value) => value)
      assert.deepEqual(
        runs.map(({ from }) => from),
        starts,
      )
      assert.deepEqual(
        runs.map(({ to }) => to),
        [...starts.slice(1), ...(list.length > 0 ? [list.length] : [])],
      )
      assert.deepEqual(
        runs.map(({ value }) => value),
        starts.map((at) => list[at] as number),
      )
    }),
  )
})

test('the first for which it holds, or the end', () => {
  assert.deepEqual(
    [0, 3, 7].map((at) => firstIndex(0, 5, (i) => i >= at)),
    [0, 3, 5],
  )
})
