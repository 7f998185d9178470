import { assert, expect, test } from 'vitest'
import { frozenCopy } from '../store/immutable.ts'
import type { StoredObject } from '../store/storedObject.ts'
import { serverSideApply } from './serverSideApply.ts'

type Fields = Record<string, unknown>
const object = (fields: Fields) => frozenCopy({ metadata: { name: 'x' }, ...fields }) as unknown as StoredObject
const after = (live: Fields, applied: Fields, before?: Fields) =>
  serverSideApply(object(live), object(applied), before && object(before)) as unknown as Fields

test('maps merge field by field, whoever owns the rest', () => {
  const result = after({ spec: { theirs: 1, shared: { a: 1 } } }, { spec: { ours: 2, shared: { b: 2 } } })
  expect(result.spec).toEqual({ theirs: 1, ours: 2, shared: { a: 1, b: 2 } })
})

test('a list is one value', () => {
  expect(after({ spec: { list: [1, 2, 3] } }, { spec: { list: [4] } }).spec).toEqual({ list: [4] })
})

test('what was applied before and is left out now goes, at any depth', () => {
  const before = { spec: { a: 1, map: { x: 1, y: 1 } } }
  const live = { spec: { a: 1, theirs: 1, map: { x: 1, y: 1, theirs: 1 } } }
  expect(after(live, { spec: { map: { x: 1 } } }, before).spec).toEqual({ theirs: 1, map: { x: 1, theirs: 1 } })
})

test('a map that was applied goes whole only where nobody else has a field in it', () => {
  const before = { spec: { map: { x: 1 } } }
  expect(after({ spec: { map: { x: 1 }, a: 1 } }, { spec: {} }, before).spec).toEqual({ a: 1 })
  expect(after({ spec: { map: { x: 1, theirs: 1 } } }, { spec: {} }, before).spec).toEqual({ map: { theirs: 1 } })
})

test('what others removed meanwhile is not missed', () => {
  expect(after({ spec: { b: 1 } }, { spec: { b: 1 } }, { spec: { a: 1, b: 1 } }).spec).toEqual({ b: 1 })
})

test('a field may become a map, and a map a field', () => {
  expect(after({ spec: { f: 1 } }, { spec: { f: { x: 1 } } }, { spec: { f: 1 } }).spec).toEqual({ f: { x: 1 } })
  expect(after({ spec: { f: { x: 1 } } }, { spec: { f: 1 } }, { spec: { f: { x: 1 } } }).spec).toEqual({ f: 1 })
})

test('where nothing changes, the live object comes back', () => {
  const live = object({ spec: { a: [1], b: { c: 1 } } })
  assert.equal(serverSideApply(live, object({ spec: { a: [1] } }), object({ spec: { a: [1] } })), live)
})
