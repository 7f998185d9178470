import { type ExecutionResult, print } from 'graphql'
import { type Client, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import type { RoleTokens } from '../../identity/roleTokens.ts'
import type { SubgraphName } from '../../link/protocol.ts'
import { traceHeaders } from '../../telemetry/spans.ts'
import { ACCEPTED, GRAPHQL_PATH, type OperationExtensions } from '../host/paths.ts'
import type { SubgraphRequest } from '../subgraph.ts'
import { away, streamBroken } from './away.ts'
import { errorsOf } from './peer.ts'
import { createRemoteStream, type RemoteStream } from './remoteStream.ts'

export interface RemoteSubscriptions {
  /** A stream once the subgraph has accepted; its refusal otherwise. */
  subscribe(request: SubgraphRequest): Promise<ExecutionResult | AsyncGenerator<ExecutionResult, void, void>>
  close(): Promise<void>
}

interface SubscriptionsOptions {
  name: SubgraphName
  url: string
  roles: RoleTokens
}

const ACCEPTED_WITHIN_MS = 5_000
const KEEP_ALIVE_MS = 5_000
/** A socket without streams is kept for the next one. */
const IDLE_MS = 60_000

/**
 * All subscriptions to one subgraph, over one socket. The identity goes with each operation: one in the
 * socket's own parameters would be everybody's.
 */
export function remoteSubscriptions({ name, url, roles }: SubscriptionsOptions): RemoteSubscriptions {
  const open = new Set<RemoteStream>()
  const breakOff = () => {
    for (const stream of [...open]) stream.fail(streamBroken(name))
  }
  const client = openClient({ url, roles, onClosed: breakOff })

  async function subscribe({ document, variables, operationName, identityToken, requestId }: SubgraphRequest) {
    const extensions: OperationExtensions = { identityToken, requestId, ...traceHeaders() }
    const first = Promise.withResolvers<ExecutionResult | AsyncGenerator<ExecutionResult, void, void>>()
    const stream = createRemoteStream({
      onEnd() {
        open.delete(stream)
        unsubscribe()
      },
    })
    let isAccepted = false
    let unsubscribe = () => {}
    open.add(stream)
    unsubscribe = client.subscribe(
      {
        query: print(document),
        variables: variables ?? null,
        operationName: operationName ?? null,
        extensions: { ...extensions },
      },
      {
        next(result) {
          const answer = result as ExecutionResult
          if (isAccepted) return stream.push(withErrors(answer))
          isAccepted = answer.extensions?.[ACCEPTED] === true
          first.resolve(isAccepted ? stream : withErrors(answer))
          if (!isAccepted) stream.end()
        },
        error(reason) {
          if (Array.isArray(reason)) first.resolve({ errors: errorsOf({ errors: reason }) })
          else first.reject(away(name, reason))
          stream.fail(streamBroken(name))
        },
        complete() {
          first.reject(away(name, new Error('the stream ended before it began')))
          stream.end()
        },
      },
    )
    const late = setTimeout(() => {
      first.reject(away(name, new Error('the subscription was not accepted in time')))
      stream.end()
    }, ACCEPTED_WITHIN_MS)
    return first.promise.finally(() => clearTimeout(late))
  }

  return {
    subscribe,
    async close() {
      breakOff()
      await client.dispose()
    },
  }
}

interface ClientOptions {
  url: string
  roles: RoleTokens
  onClosed(): void
}

/**
 * A client that never connects a stream again by itself: it would send the operation as it was, and the
 * stream would begin anew after its first cursor. It does so on close code 1000 even without retries;
 * `onClosed` comes before that and ends every stream.
 */
function openClient({ url, roles, onClosed }: ClientOptions): Client {
  let silence: NodeJS.Timeout | undefined
  const client = createClient({
    url: url.replace(/^http/, 'ws') + GRAPHQL_PATH,
    webSocketImpl: WebSocket,
    connectionParams: async () => ({ token: await roles.own() }),
    retryAttempts: 0,
    lazyCloseTimeout: IDLE_MS,
    keepAlive: KEEP_ALIVE_MS,
    connectionAckWaitTimeout: ACCEPTED_WITHIN_MS,
    on: {
      closed() {
        clearTimeout(silence)
        onClosed()
      },
      // A machine that is gone closes nothing: who leaves a ping unanswered is taken for away.
      ping(isReceived) {
        if (isReceived) return
        silence = setTimeout(() => client.terminate(), KEEP_ALIVE_MS)
      },
      pong(isReceived) {
        if (isReceived) clearTimeout(silence)
      },
    },
  })
  return client
}

function withErrors(result: ExecutionResult): ExecutionResult {
  return result.errors ? { ...result, errors: errorsOf(result) } : result
}
