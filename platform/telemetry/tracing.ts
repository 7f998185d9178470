import { setTracing } from './spans.ts'
import { VERSION } from './version.ts'

export interface Tracing {
  /** Sends what is left, for at most some seconds, and ends. */
  stop(): Promise<void>
}

export interface TracesTo {
  /** Address for traces by OTLP over HTTP, as JSON. */
  url: string
  /** Of traces that begin here, the part that is kept; a client's own decision goes before. */
  keep: number
}

/** How long a span may wait for others to travel with. */
const SEND_EVERY_MS = 1_000
/** Spans that wait; beyond it they are dropped, and the work goes on. */
const MAX_WAITING = 4_096
const SEND_WITHIN_MS = 3_000

/**
 * Spans are told from now on, in this thread. What it needs is loaded here: a program without traces does
 * not pay for it.
 * @param service `service.name`
 */
export async function startTracing(service: string, { url, keep }: TracesTo): Promise<Tracing> {
  const [api, sdk, { OTLPTraceExporter }, { AsyncLocalStorageContextManager }, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/context-async-hooks'),
      import('@opentelemetry/resources'),
    ])
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': VERSION }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(keep) }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url, timeoutMillis: SEND_WITHIN_MS }),
        scheduledDelayMillis: SEND_EVERY_MS,
        maxQueueSize: MAX_WAITING,
        exportTimeoutMillis: SEND_WITHIN_MS,
      }),
    ],
  })
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  api.trace.setGlobalTracerProvider(provider)
  setTracing(true)
  return {
    async stop() {
      setTracing(false)
      await provider.shutdown().catch(() => {}) // a collector that is away must not hold up the end
      api.trace.disable()
      api.context.disable()
    },
  }
}
