import type { Caller } from '../identity/callers.ts'

/** One operation of a client, from whichever transport it came. */
export interface Operation {
  caller: Caller
  requestId: string
  /** The client's own trace, as it told it. */
  traceparent: string | undefined
  transport: 'POST' | 'GET' | 'WEBSOCKET'
  /** Can be answered with more than one result. */
  isStreamable: boolean
  /** Aborts when the client is gone. */
  signal: AbortSignal
}
