import { assert, test } from 'vitest'
import { formatTraceparent, parseTraceparent } from './traceparent.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

test('a traceparent comes back as it was read', () => {
  const text = `00-${TRACE}-${SPAN}-01`
  const context = parseTraceparent(text)
  assert(context)
  assert.deepEqual(context, { traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true })
  assert.equal(formatTraceparent(context), text)
})

const NONE = {
  'nothing at all': undefined,
  'no text': 42,
  'an empty text': '',
  'another version': `01-${TRACE}-${SPAN}-01`,
  'upper case': `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  'a trace of zeros': `00-${'0'.repeat(32)}-${SPAN}-01`,
  'a span of zeros': `00-${TRACE}-${'0'.repeat(16)}-01`,
  'more behind it': `00-${TRACE}-${SPAN}-01-x`,
  'a line break in front of it': `\n00-${TRACE}-${SPAN}-01`,
}
for (const [what, text] of Object.entries(NONE)) {
  test(`${what} is none`, () => {
    assert.isNull(parseTraceparent(text))
  })
}
