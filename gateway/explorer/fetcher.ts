/** What GraphiQL asks for, and what it accepts as an answer: one result, or many, one after the other. */
export type Fetcher = (
  request: { query: string; variables?: unknown; operationName?: string | null },
  options?: { headers?: Record<string, string> },
) => Promise<unknown | AsyncGenerator<unknown, void, void>>

interface FetcherOptions {
  url: string
  /** Who asks where GraphiQL sends no headers: it wants the schema before its header editor is there. */
  token: string | null
  send?: typeof fetch
}

/** GraphiQL's way to the gateway: one POST for everything. A subscription's results come as server-sent events. */
export function createFetcher({ url, token, send = fetch }: FetcherOptions): Fetcher {
  const identity: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
  return async (request, { headers = identity } = {}) => {
    const response = await send(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify(request),
    })
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
    return isStream && response.body ? resultsOf(response.body) : response.json()
  }
}

async function* resultsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown, void, void> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const events = (text + decoder.decode(value, { stream: true })).split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) {
        const data = /^data: (.+)$/m.exec(event)?.[1]
        if (data) yield JSON.parse(data)
      }
    }
  } finally {
    await reader.cancel()
  }
}
