import fc from 'fast-check'
import fastJsonPatch from 'fast-json-patch'
import { assert, describe, expect, test } from 'vitest'
import type { JsonPatch } from '../../cluster.ts'
import { frozenCopy } from '../store/immutable.ts'
import { jsonPatch, PatchError } from './jsonPatch.ts'

const document = frozenCopy({ spec: { suspend: true, list: ['a', 'b'] }, untouched: { deep: { deeper: 1 } } })

describe('jsonPatch', () => {
  test('copies only what lies on the changed paths', () => {
    const patched = jsonPatch(document, [{ op: 'replace', path: '/spec/suspend', value: false }])
    assert.equal(patched.spec.suspend, false)
    assert.equal(patched.untouched, document.untouched)
    assert.equal(patched.spec.list, document.spec.list)
    assert.isTrue(document.spec.suspend)
  })

  test('gives frozen documents, values included', () => {
    const value = { inner: {} }
    const patched = jsonPatch(document as Record<string, unknown>, [{ op: 'add', path: '/added', value }])
    assert.isFrozen(patched)
    assert.isFrozen((patched.added as typeof value).inner)
    assert.isNotFrozen(value.inner)
  })

  test('adds to lists before a place and at the end, replaces and removes', () => {
    const edit = (...patch: JsonPatch) => jsonPatch(document, patch).spec.list
    expect(edit({ op: 'add', path: '/spec/list/0', value: 'x' })).toEqual(['x', 'a', 'b'])
    expect(edit({ op: 'add', path: '/spec/list/-', value: 'x' })).toEqual(['a', 'b', 'x'])
    expect(edit({ op: 'replace', path: '/spec/list/1', value: 'x' })).toEqual(['a', 'x'])
    expect(edit({ op: 'remove', path: '/spec/list/0' })).toEqual(['b'])
  })

  const refused: Record<string, JsonPatch> = {
    'a test of another value': [{ op: 'test', path: '/spec/suspend', value: false }],
    'a test of what is not there': [{ op: 'test', path: '/spec/none', value: 1 }],
    'a removal of what is not there': [{ op: 'remove', path: '/spec/none' }],
    'a replacement of what is not there': [{ op: 'replace', path: '/none', value: 1 }],
    'an addition below what is not there': [{ op: 'add', path: '/none/at/all', value: 1 }],
    'an addition beyond a list': [{ op: 'add', path: '/spec/list/3', value: 1 }],
    'a place in a list that is no number': [{ op: 'replace', path: '/spec/list/01', value: 1 }],
    'a path below a plain value': [{ op: 'add', path: '/spec/suspend/x', value: 1 }],
    'the whole document': [{ op: 'remove', path: '' }],
  }
  for (const [name, patch] of Object.entries(refused)) {
    test(`refuses ${name}`, () => {
      expect(() => jsonPatch(document, patch)).toThrow(PatchError)
    })
  }

  test('agrees with another implementation on any patch of maps and lists', () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', '0', '1', '-', 'x/y', '~'), { minLength: 1, maxLength: 3 })
      .map((keys) => keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''))
    const leaf = fc.constantFrom<unknown>(1, 'v', true, {}, [], { a: 1 }, [1, 2])
    const operation = fc.oneof(
      fc.record({ op: fc.constantFrom('add' as const, 'replace' as const, 'test' as const), path, value: leaf }),
      fc.record({ op: fc.constant('remove' as const), path }),
    )
    const start = fc.constantFrom<object>(
      { a: { a: 1, b: [1, { a: 2 }] }, b: ['x'] },
      { 'x/y': { '~': [] } },
      { a: [[1]] },
    )
    fc.assert(
      fc.property(start, fc.array(operation, { maxLength: 4 }), (before, patch) => {
        const attempt = (run: () => unknown) => {
          try {
            return { result: run() }
          } catch {
            return 'refused'
          }
        }
        // By way of text: of a value that two operations share, the other one changes both.
        const ofItsOwn = JSON.parse(JSON.stringify(patch)) as typeof patch
        const theirs = attempt(() => fastJsonPatch.applyPatch(structuredClone(before), ofItsOwn, true).newDocument)
        const ours = attempt(() => jsonPatch(frozenCopy(before), patch))
        expect(ours).toEqual(theirs)
      }),
      { numRuns: 2_000 },
    )
  })
})
