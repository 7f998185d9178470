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

/** Calls the gateway's /link over HTTP. One address: the gateway routes to the subgraphs. */
export function connectLink({ url, token }: HttpLinkOptions): Link {
  const dispatcher = new Agent({ connections: 16, keepAliveTimeout: 30_000, headersTimeout: ANSWER_TIMEOUT_MS })

  async function call<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
    let answer: Awaited<ReturnType<typeof request>>
    let text: string
    try {
      answer = await request(`${url}/link/${path}`, {
        method: 'POST',
        dispatcher,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await token()}` },
        body: JSON.stringify(body),
        ...(signal ? { signal } : {}),
      })
      text = await answer.body.text()
    } catch (error) {
      throw new LinkError(null, `The control plane at ${url} does not answer.`, error)
    }
    if (answer.statusCode !== 200)
      throw new LinkError(answer.statusCode, `The control plane answered ${answer.statusCode}: ${text.slice(0, 500)}`)
    return JSON.parse(text) as T
  }

  return {
    hello: (hello) => call('hello', hello),
    directives: (subgraph, body, signal) => call(`${subgraph}/directives`, body, signal),
    observe: (subgraph, batch) => call(`${subgraph}/observations`, batch),
    progress: (subgraph, clusterId) => call(`${subgraph}/progress`, { clusterId }),
    close: () => dispatcher.destroy(),
  }
}
