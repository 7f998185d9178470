import { createClient, type SubscribePayload } from 'graphql-ws'
import { WebSocket } from 'ws'

export interface Operation {
  query: string
  variables?: Record<string, unknown>
}

/**
 * One request to the public API, as any client makes it.
 * @throws Error with the messages of the answer's errors
 */
export async function askGraph<T>(url: string, token: string, operation: Operation): Promise<T> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(operation),
  })
  const { data, errors } = (await answer.json()) as { data?: T; errors?: { message: string }[] }
  if (errors || data === undefined)
    throw new Error(errors?.map(({ message }) => message).join('; ') ?? `The gateway answered ${answer.status}.`)
  return data
}

/** Events of one subscription over WebSocket until the caller stops reading. */
export async function* subscribeGraph<T>(
  url: string,
  token: string,
  operation: Operation,
): AsyncGenerator<T, void, void> {
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  })
  try {
    for await (const { data, errors } of client.iterate<T>(operation as SubscribePayload)) {
      if (errors) throw new Error(errors.map(({ message }) => message).join('; '))
      if (data) yield data
    }
  } finally {
    await client.dispose()
  }
}
