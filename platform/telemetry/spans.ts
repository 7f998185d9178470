import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { formatTraceparent, parseTraceparent } from './traceparent.ts'

/**
 * Where the program's rooms tell traces of what they do. Until startTracing has run nothing is told, and
 * each of these functions costs a comparison.
 */

export interface SpanOptions {
  /** Who tells it: a role, a subgraph, the scheduler. */
  scope: string
  kind?: keyof typeof SpanKind
  /** Names of OpenTelemetry's conventions. Never a document, a variable, a token. */
  attributes?: Attributes
  /** What it belongs to: a traceparent that came from elsewhere; without the key, the span under way. */
  parent?: string | null | undefined
  /** Begins a trace where it belongs to none. All other work that nobody traces is not worth a trace of its own. */
  mayBegin?: boolean
}

export interface SpanUnderWay {
  /** It has failed, although its work does not throw. */
  fail(): void
}

/** Does the work as a span. A throw makes it a failed one, and rises. */
export async function inSpan<T>(
  name: string,
  options: SpanOptions,
  work: (span: SpanUnderWay) => Promise<T> | T,
): Promise<T> {
  if (!isTracing) return work(NO_SPAN)
  const parent = parentOf(options)
  if (!options.mayBegin && trace.getSpanContext(parent) === undefined) return work(NO_SPAN)
  const { scope, kind = 'INTERNAL', attributes = {} } = options
  const span = trace.getTracer(scope).startSpan(name, { kind: SpanKind[kind], attributes }, parent)
  try {
    const underWay = { fail: () => void span.setStatus({ code: SpanStatusCode.ERROR }) }
    return await context.with(trace.setSpan(parent, span), () => work(underWay))
  } catch (error) {
    // Its words may hold what does not belong into a trace; the log has them, with the trace's id.
    if (error instanceof Error) span.setAttribute('error.type', error.name)
    span.setStatus({ code: SpanStatusCode.ERROR })
    throw error
  } finally {
    span.end()
  }
}

/**
 * Tells a span that is over, for work that was done for many at once.
 * @param startedMs wall time; without it the span is a moment
 * @returns its traceparent, for what follows from it; undefined where nothing was told
 */
export function tellSpan(
  name: string,
  { startedMs = Date.now(), ...options }: SpanOptions & { startedMs?: number },
): string | undefined {
  if (!isTracing) return undefined
  const parent = parentOf(options)
  if (trace.getSpanContext(parent) === undefined) return undefined
  const { scope, kind = 'INTERNAL', attributes = {} } = options
  const span = trace
    .getTracer(scope)
    .startSpan(name, { kind: SpanKind[kind], attributes, startTime: startedMs }, parent)
  span.end()
  return formatTraceparent(span.spanContext())
}

/** The span under way, as it travels to other processes; undefined where there is none. */
export function traceparent(): string | undefined {
  if (!isTracing) return undefined
  const present = trace.getSpanContext(context.active())
  return present && formatTraceparent(present)
}

/** For a request to another role. */
export function traceHeaders(): { traceparent?: string } {
  const present = traceparent()
  return present === undefined ? {} : { traceparent: present }
}

/** For log lines. */
export function traceIds(): { trace_id?: string; span_id?: string } {
  if (!isTracing) return {}
  const present = trace.getSpanContext(context.active())
  return present === undefined ? {} : { trace_id: present.traceId, span_id: present.spanId }
}

/** Called by startTracing alone. */
export function setTracing(on: boolean): void {
  isTracing = on
}

let isTracing = false
const NO_SPAN: SpanUnderWay = { fail() {} }

function parentOf(options: SpanOptions): Context {
  if (!('parent' in options)) return context.active()
  const remote = parseTraceparent(options.parent)
  return remote === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, remote)
}
