import { assert, onTestFinished, test } from 'vitest'
import { startTraceCollector } from '../../test/testkit/traceCollector.ts'
import { inSpan, tellSpan, traceHeaders, traceIds, traceparent } from './spans.ts'
import { startTracing } from './tracing.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const CLIENT = `00-${TRACE}-b7ad6b7169203331-01`
const scope = 'test'

async function start(keep = 1) {
  const collector = await startTraceCollector(onTestFinished)
  const tracing = await startTracing('sluice-test', { url: `${collector.url}/v1/traces`, keep })
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= tracing.stop())
  onTestFinished(stop)
  return {
    /** All that was told; nothing is after that. */
    async spans(traceId = TRACE) {
      await stop()
      return collector.spansOf(traceId)
    },
  }
}

test('without a collector work is done, and no trace goes along', async () => {
  const inside = await inSpan('work', { scope, parent: CLIENT, mayBegin: true }, () => traceparent())
  assert.isUndefined(inside)
  assert.deepEqual([traceHeaders(), traceIds()], [{}, {}])
})

test('spans nest by the work that is under way, also after a wait', async () => {
  const { spans } = await start()
  await inSpan('outer', { scope, parent: CLIENT }, async () => {
    await new Promise(setImmediate)
    await inSpan('inner', { scope, attributes: { 'sluice.queue': 'default' } }, () => {})
  })
  const [inner, outer] = await spans()
  assert.equal(outer?.parentSpanId, 'b7ad6b7169203331')
  assert.equal(inner?.parentSpanId, outer?.spanId)
  assert.equal(inner?.attributes['sluice.queue'], 'default')
  assert.equal(inner?.service, 'sluice-test')
})

test('what goes to another process is the span under way', async () => {
  const { spans } = await start()
  const [header, ids] = await inSpan('work', { scope, parent: CLIENT }, () => [traceHeaders(), traceIds()] as const)
  const [span] = await spans()
  assert.equal(header.traceparent, `00-${TRACE}-${span?.spanId}-01`)
  assert.deepEqual([ids.trace_id, ids.span_id], [TRACE, span?.spanId])
})

test('work that belongs to no trace makes no span, unless it may begin one', async () => {
  await start()
  assert.isUndefined(await inSpan('tick', { scope }, () => traceparent()))
  assert.isUndefined(await inSpan('tick', { scope, parent: 'nonsense' }, () => traceparent()))
  assert.isUndefined(tellSpan('tick', { scope, parent: null }))
  assert.isString(await inSpan('request', { scope, parent: undefined, mayBegin: true }, () => traceparent()))
})

test('a throw rises and marks the span, and its words stay out of the trace', async () => {
  const { spans } = await start()
  const failing = inSpan('work', { scope, parent: CLIENT }, () => {
    throw new TypeError('the password is tulip')
  })
  assert.instanceOf(await failing.catch((error) => error), TypeError)
  const [span] = await spans()
  assert.isTrue(span?.hasFailed)
  assert.equal(span?.attributes['error.type'], 'TypeError')
  assert.notInclude(JSON.stringify(span), 'tulip')
})

test('work may say that it has failed', async () => {
  const { spans } = await start()
  await inSpan('work', { scope, parent: CLIENT }, (span) => span.fail())
  assert.isTrue((await spans())[0]?.hasFailed)
})

test('a trace that its client does not keep goes on being not kept', async () => {
  const { spans } = await start()
  const unkept = CLIENT.replace(/01$/, '00')
  const onward = await inSpan('work', { scope, parent: unkept }, () => traceparent())
  assert.match(onward ?? '', new RegExp(`^00-${TRACE}-.*-00$`))
  assert.deepEqual(await spans(), [])
})

test('of traces that begin here a part is kept, of a client’s all', async () => {
  const { spans } = await start(0)
  const begun = await inSpan('request', { scope, mayBegin: true }, () => traceparent())
  await inSpan('request', { scope, parent: CLIENT, mayBegin: true }, () => {})
  assert.match(begun ?? '', /-00$/)
  assert.lengthOf(await spans(), 1)
})

test('a span that is told afterwards can be gone on from', async () => {
  const { spans } = await start()
  const told = tellSpan('batch', { scope, parent: CLIENT, startedMs: Date.now() - 50 })
  await inSpan('later', { scope, parent: told }, () => {})
  const [batch, later] = await spans()
  assert.equal(later?.parentSpanId, batch?.spanId)
})

test('a collector that is away holds nothing up', async () => {
  const tracing = await startTracing('sluice-test', { url: 'http://127.0.0.1:1/v1/traces', keep: 1 })
  await inSpan('work', { scope, mayBegin: true }, () => {})
  await tracing.stop()
})
