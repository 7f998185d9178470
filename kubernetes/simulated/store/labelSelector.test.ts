import { assert, expect, test } from 'vitest'
import { labelSelector } from './labelSelector.ts'

const object = { metadata: { name: 'x', labels: { colour: 'red', 'sluice.dev/queue': 'a.b', empty: '' } } }

const cases: Record<string, boolean> = {
  '': true,
  'colour=red': true,
  'colour==red': true,
  'colour=blue': false,
  'colour!=blue': true,
  'missing!=blue': true,
  colour: true,
  missing: false,
  '!missing': true,
  '!colour': false,
  'empty=': true,
  'colour=red, sluice.dev/queue=a.b': true,
  'colour=red,missing': false,
}
for (const [selector, want] of Object.entries(cases)) {
  test(`"${selector}" ${want ? 'selects' : 'leaves out'} it`, () => assert.equal(labelSelector(selector)(object), want))
}

test('what is no selector is a BAD_REQUEST', () => {
  for (const selector of ['a=b=c', 'a,,b', '!a=b', 'a in (b)']) {
    expect(() => labelSelector(selector)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  }
})
