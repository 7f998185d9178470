import { Agent, request } from 'undici'
import { type Link, LinkError } from './link.ts'

interface HttpLinkOptions {
  /** The gateway, such as http://127.0.0.1:4000. */
  url: string
  /** A bearer token of kind `agent`; asked for anew with each request, since tokens run out. */
  token: () => Promise<string>
}

/** Longer than the longest held request for directives. */
const ANSWER_TIMEOUT_MS = 60_000
const CONNECTIONS = 16
/** Of an answer that is no refusal of ours, in the error. */
const MAX_QUOTED_CHARACTERS = 500

/** Calls the gateway's /link over HTTP. One address: the gateway routes to the subgraphs. */
export function connectLink({ url, token }: HttpLinkOptions): Link {
  const dispatcher = new Agent({
    connections: CONNECTIONS,
    keepAliveTimeout: 30_000,
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
  })

  async function call<T>(path: string, body: object, signal: AbortSignal): Promise<T> {
    const { status, text } = await post(path, body, signal)
    const answer = parsed(text)
    if (status === 200 && answer !== undefined) return answer as T
    const { message, ...refusal } = refusalIn(answer)
    const why = message ?? text.slice(0, MAX_QUOTED_CHARACTERS)
    throw new LinkError(`The control plane answered ${status}: ${why}`, { status, ...refusal })
  }

  async function post(path: string, body: object, signal: AbortSignal): Promise<{ status: number; text: string }> {
    try {
      const { statusCode, body: answer } = await request(`${url}/link/${path}`, {
        method: 'POST',
        dispatcher,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await token()}` },
        body: JSON.stringify(body),
        signal,
      })
      return { status: statusCode, text: await answer.text() }
    } catch (error) {
      throw new LinkError(`The control plane at ${url} does not answer.`, { cause: error })
    }
  }

  return {
    hello: (hello, signal) => call('hello', hello, signal),
    directives: (subgraph, body, signal) => call(`${subgraph}/directives`, body, signal),
    observe: (subgraph, batch, signal) => call(`${subgraph}/observations`, batch, signal),
    close: () => dispatcher.destroy(),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Refusals have the shape of GraphQL's errors. */
function refusalIn(answer: unknown): Record<'message' | 'code' | 'fix' | 'requestId', string | null> {
  const { errors } = (answer ?? {}) as { errors?: { message?: unknown; extensions?: Record<string, unknown> }[] }
  const { message, extensions } = (Array.isArray(errors) && errors[0]) || {}
  const { code, fix, requestId } = extensions ?? {}
  return {
    message: textOrNull(message),
    code: textOrNull(code),
    fix: textOrNull(fix),
    requestId: textOrNull(requestId),
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
