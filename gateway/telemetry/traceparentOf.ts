/**
 * The trace context that came with a request's headers, or with a WebSocket operation's extensions, where
 * there is no header for each. Whether it is one is found out where it is used.
 */
export function traceparentOf(carrier: unknown): string | undefined {
  const { traceparent } = (carrier ?? {}) as { traceparent?: unknown }
  return typeof traceparent === 'string' ? traceparent : undefined
}
