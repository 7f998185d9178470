import fc from 'fast-check'
import { assert, expect, test } from 'vitest'
import { formatIndexes, parseIndexes } from './indexRanges.ts'

test('writes ranges as Kubernetes does: two neighbours are a list, three a range', () => {
  assert.equal(formatIndexes(new Set([7, 0, 1, 3, 4, 5])), '0,1,3-5,7')
  assert.equal(formatIndexes(new Set()), '')
})

test('reads what it writes', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(40)), (indexes) => {
      expect(parseIndexes(formatIndexes(new Set(indexes)))).toEqual(new Set(indexes))
    }),
  )
  expect(parseIndexes(undefined)).toEqual(new Set())
})
