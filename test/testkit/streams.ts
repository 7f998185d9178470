import { createClient, type SubscribePayload } from 'graphql-ws'
import { WebSocket } from 'ws'
import { type Answer, answerOf, bearer } from './answers.ts'

export type Transport = 'SSE' | 'WEBSOCKET'
/** Answers of a subscription in their order; leaving the loop ends it. */
export type AnswerStream<Data> = AsyncGenerator<Answer<Data>, void, void>

interface Subscription {
  url: string
  token: string
  query: string
  variables: Record<string, unknown>
}

export function subscribe<Data>(transport: Transport, subscription: Subscription): AnswerStream<Data> {
  return transport === 'SSE' ? overServerSentEvents(subscription) : overWebSocket(subscription)
}

async function* overWebSocket<Data>({ url, token, query, variables }: Subscription): AnswerStream<Data> {
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: bearer(token),
    retryAttempts: 0,
  })
  const exchange = { query, variables, status: 101 }
  const requestIdOf = (errors: Answer['errors']) => String(errors?.[0]?.extensions.requestId ?? '') || null
  try {
    for await (const result of client.iterate({ query, variables } as SubscribePayload)) {
      const { data, errors } = result as Pick<Answer<Data>, 'data' | 'errors'>
      yield { ...exchange, requestId: requestIdOf(errors), ...(data ? { data } : {}), ...(errors ? { errors } : {}) }
    }
  } catch (error) {
    // An operation that is refused at once comes as an error message of the protocol: the bare list.
    if (!Array.isArray(error)) throw error
    yield { ...exchange, requestId: requestIdOf(error), errors: error }
  } finally {
    await client.dispose()
  }
}

async function* overServerSentEvents<Data>({ url, token, query, variables }: Subscription): AnswerStream<Data> {
  const leaving = new AbortController()
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...bearer(token) },
    body: JSON.stringify({ query, variables }),
    signal: leaving.signal,
  })
  try {
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      yield await answerOf(response, query, variables)
      return
    }
    const exchange = { query, variables, status: response.status, requestId: response.headers.get('x-request-id') }
    for await (const data of eventsOf(response)) yield { ...exchange, ...JSON.parse(data) }
  } finally {
    leaving.abort()
  }
}

/** The data of each event; comments that keep the connection open, and the final `complete`, have none. */
async function* eventsOf({ body }: Response): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    const events = text.split('\n\n')
    text = events.pop() ?? ''
    for (const event of events) {
      const data = /^data: (.+)$/m.exec(event)?.[1]
      if (data) yield data
    }
  }
}
