import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** A span as it was sent, with who sent it. */
export interface Span {
  service: string
  scope: string
  traceId: string
  spanId: string
  /** Empty: it begins its trace. */
  parentSpanId: string
  name: string
  attributes: Record<string, unknown>
  hasFailed: boolean
}

/** What an OpenTelemetry collector would be told, by OTLP over HTTP. */
export interface TraceCollector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string
  spansOf(traceId: string): Span[]
}

export async function startTraceCollector(onEnd: (run: () => Promise<void>) => void): Promise<TraceCollector> {
  const spans: Span[] = []
  const server = createServer(async (request, response) => {
    if (request.method === 'POST' && request.url === '/v1/traces') spans.push(...spansIn((await json(request)) as Told))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onEnd(async () => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spansOf: (traceId) => spans.filter((span) => span.traceId === traceId),
  }
}

/** The part of OTLP's JSON that is looked at. */
interface Told {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: { scope: { name: string }; spans: ToldSpan[] }[]
  }[]
}
interface Attribute {
  key: string
  value: Record<string, unknown>
}
interface ToldSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  attributes: Attribute[]
  status: { code?: number }
}

function spansIn({ resourceSpans }: Told): Span[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map(({ traceId, spanId, parentSpanId = '', name, attributes, status }) => ({
        service: String(valuesOf(resource.attributes)['service.name']),
        scope: scope.name,
        traceId,
        spanId,
        parentSpanId,
        name,
        attributes: valuesOf(attributes),
        hasFailed: status.code === 2,
      })),
    ),
  )
}

function valuesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
