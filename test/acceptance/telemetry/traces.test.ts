import { createClient } from 'graphql-ws'
import { afterAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { MODE, startCloud } from '../../testkit/cloud.ts'
import { type Span, startTraceCollector } from '../../testkit/traceCollector.ts'
import { until } from '../../testkit/until.ts'

const collector = await startTraceCollector(afterAll)
const cloud = await startCloud(afterAll, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
const acme = await cloud.tenant('acme')

const SUBMIT = `mutation Submit($input: SubmitJobInput!) { submitJob(input: $input) { job { id } userErrors { code } } }`
const SECRET = 'correct-horse-battery-staple'
const input = {
  projectId: acme.projectId,
  queue: 'default',
  name: 'traced',
  image: 'registry.example/train:1',
  replicas: 2,
  resources: { cpu: '1', memoryMiB: 1_024, gpu: { count: 1 } },
  env: [
    { name: 'SIM_RUN_SECONDS', value: '1' },
    { name: 'PASSWORD', value: SECRET },
  ],
}

/** Told by one who wants no traces, and before all others. */
const unwanted = newTrace('00')
await acme.eventsUntil(await submit(unwanted.traceparent), 'METERED')
const client = newTrace()
await acme.eventsUntil(await submit(client.traceparent), 'METERED')
const spans = await allOf(client.traceId, 'append METERED')

test('one submission is one trace, from the client through every role to the METERED event', () => {
  const request = only(spans, 'gateway', 'mutation', client.spanId)
  const fetch = only(spans, 'gateway', 'mutation', request.spanId)
  const submission = only(spans, 'jobs', 'mutation', fetch.spanId)
  only(spans, 'agent', 'apply Job', submission.spanId)
  only(spans, 'scheduler', 'admit', submission.spanId)
  expect(childrenOf(spans, submission, 'scheduler', 'bind')).toHaveLength(2)
  const jobSeen = childrenOf(spans, submission, 'agent', 'observe job')
  expect(jobSeen.map(({ attributes }) => attributes['sluice.job.state'])).toContain('SUCCEEDED')
  for (const seen of jobSeen) only(spans, 'jobs', 'process job', seen.spanId)
  const podSeen = childrenOf(spans, submission, 'agent', 'observe pod')
  expect(podSeen.map(({ attributes }) => attributes['k8s.pod.status.phase'])).toContain('Running')
  for (const seen of podSeen) {
    for (const subgraph of ['inventory', 'jobs', 'metering']) only(spans, subgraph, 'process pod', seen.spanId)
  }
  const concluded = spans.filter(({ scope, name }) => scope === 'metering' && name === 'conclude job')
  expect(concluded).toHaveLength(1)
  expect([...jobSeen, ...podSeen].map(({ spanId }) => spanId)).toContain(concluded[0]?.parentSpanId)
  only(spans, 'jobs', 'append METERED', concluded[0]?.spanId ?? '')
})

test('every span hangs on another one of the trace, and bears the name of its role', () => {
  const known = new Set([client.spanId, ...spans.map(({ spanId }) => spanId)])
  expect(spans.filter(({ parentSpanId }) => !known.has(parentSpanId))).toEqual([])
  const services =
    MODE === 'whole'
      ? ['sluice-control-plane', 'sluice-compute-plane']
      : ['gateway', 'inventory', 'jobs', 'metering', 'agent'].map((role) => `sluice-${role}`)
  expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(services))
})

test('names and kinds are told, documents, variables and tokens are not', () => {
  expect(only(spans, 'gateway', 'mutation', client.spanId).attributes).toMatchObject({
    'graphql.operation.type': 'mutation',
    'graphql.operation.name': 'Submit',
    'sluice.tenant.id': acme.id,
  })
  const text = JSON.stringify(spans)
  for (const secret of [SECRET, 'submitJob(', acme.token, 'registry.example']) expect(text).not.toContain(secret)
})

test('a client that does not want its request traced is heard by every role', () => {
  expect(collector.spansOf(unwanted.traceId)).toEqual([])
})

test('what is no trace context is ignored, and the request is served', async () => {
  expect(await submit('00-not-a-trace')).toMatch(/^job_/)
})

test('over WebSocket each operation brings its own trace', async () => {
  const operation = newTrace()
  const socket = createClient({
    url: `${cloud.url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${acme.token}` },
    retryAttempts: 0,
  })
  const extensions = { traceparent: operation.traceparent }
  for await (const { data } of socket.iterate({ query: SUBMIT, variables: { input }, extensions })) {
    expect(data).toHaveProperty('submitJob.job.id')
  }
  await socket.dispose()
  only(await allOf(operation.traceId, 'bind'), 'gateway', 'mutation', operation.spanId)
})

async function submit(traceparent: string): Promise<string> {
  const response = await fetch(`${cloud.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${acme.token}`, traceparent },
    body: JSON.stringify({ query: SUBMIT, variables: { input } }),
  })
  const { data } = (await response.json()) as { data: { submitJob: { job: { id: string } } } }
  return data.submitJob.job.id
}

/** All of the trace's spans, once one of this name is among them and none hangs on one that has not come. */
function allOf(traceId: string, name: string): Promise<Span[]> {
  return until(
    `all spans up to ${name} have come`,
    async () => collector.spansOf(traceId),
    (spans) => {
      const known = new Set(spans.map(({ spanId }) => spanId))
      const hanging = spans.filter(({ parentSpanId }) => !known.has(parentSpanId))
      return hanging.length === 1 && spans.some((span) => span.name === name)
    },
  )
}

function childrenOf(spans: readonly Span[], parent: Span, scope: string, name: string): Span[] {
  return spans.filter((span) => span.parentSpanId === parent.spanId && span.scope === scope && span.name === name)
}

function only(spans: readonly Span[], scope: string, name: string, parentSpanId: string): Span {
  const found = spans.filter((span) => span.scope === scope && span.name === name && span.parentSpanId === parentSpanId)
  if (found.length !== 1 || !found[0]) {
    const all = spans.map((span) => `${span.spanId} < ${span.parentSpanId} ${span.scope}: ${span.name}`).join('\n')
    throw new Error(`${found.length} spans "${name}" of ${scope} under ${parentSpanId}, among\n${all}`)
  }
  return found[0]
}

/** As a client's own tracing would begin one. */
function newTrace(flags = '01'): { traceId: string; spanId: string; traceparent: string } {
  const [traceId, spanId] = [16, 8].map((bytes) =>
    Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex'),
  )
  return { traceId: traceId ?? '', spanId: spanId ?? '', traceparent: `00-${traceId}-${spanId}-${flags}` }
}
