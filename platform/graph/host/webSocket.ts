import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import type { SubscribePayload } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import type { RoleTokens } from '../../identity/roleTokens.ts'
import type { Log } from '../../log.ts'
import { refuse } from '../errors.ts'
import type { HostedSubgraph, SubgraphRequest } from '../subgraph.ts'
import { ACCEPTED, GRAPHQL_PATH, type OperationExtensions } from './paths.ts'

interface WebSocketOptions {
  server: Server
  subgraph: HostedSubgraph
  roles: RoleTokens
  maxBytes: number
  log: Log
}

const RULES = [...specifiedRules, NoSchemaIntrospectionCustomRule]
/** A gateway that has not said which role it is. */
const INIT_WITHIN_MS = 5_000

/**
 * Subscriptions, over one socket of each gateway for all of its clients: the socket is the gateway's,
 * and the identity comes with each operation. @returns ends them all, telling the gateways that we are going away
 */
export function acceptSubscriptions({ server, subgraph, roles, maxBytes, log }: WebSocketOptions): () => Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxBytes })
  const protocol = useServer(
    {
      connectionInitWaitTimeout: INIT_WITHIN_MS,
      isProd: true,
      onConnect: async ({ connectionParams }) => {
        const token = connectionParams?.token
        return roles.verify(typeof token === 'string' ? token : undefined).then(
          () => true,
          () => false,
        )
      },
      onSubscribe: (_context, _id, payload) => argumentsOf(subgraph, payload),
      subscribe: async ({ contextValue }) => accepted(await subgraph.execute(contextValue as SubgraphRequest)),
      execute: () => ({ errors: [refuse('BAD_REQUEST', 'Queries and mutations come by HTTP.')] }),
    },
    sockets,
  )

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
    socket.on('error', (error) => log.debug({ err: error }, 'a gateway left during its handshake'))
    if (URL.parse(request.url ?? '/', 'http://subgraph')?.pathname !== GRAPHQL_PATH) socket.destroy()
    else sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request))
  }
  server.on('upgrade', upgrade)

  return async () => {
    server.off('upgrade', upgrade)
    await protocol.dispose()
  }
}

function argumentsOf(
  { schema }: HostedSubgraph,
  { query, variables, operationName, extensions }: SubscribePayload,
): ExecutionArgs | readonly GraphQLError[] {
  const { identityToken, requestId, traceparent } = (extensions ?? {}) as Partial<OperationExtensions>
  if (typeof identityToken !== 'string' || typeof requestId !== 'string')
    return [refuse('BAD_REQUEST', 'An operation comes with identityToken and requestId.')]
  const document = parsed(query)
  if (document instanceof GraphQLError) return [document]
  const errors = validate(schema, document, RULES)
  if (errors.length > 0) return errors
  const request: SubgraphRequest = {
    document,
    variables: variables ?? undefined,
    operationName: operationName ?? undefined,
    identityToken,
    requestId,
    traceparent,
  }
  return { schema, document, operationName: operationName ?? null, contextValue: request }
}

function parsed(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query)
  } catch (error) {
    if (error instanceof GraphQLError) return error
    throw error
  }
}

type Result = ExecutionResult | AsyncGenerator<ExecutionResult, void, void>

/** The stream with a first message that says it is one. Like its source, it can be left while it waits. */
function accepted(result: Result): Result {
  if (!(Symbol.asyncIterator in result)) return result
  const source = result
  let told = false
  const stream: AsyncGenerator<ExecutionResult, void, void> = {
    async next() {
      if (told) return source.next()
      told = true
      return { done: false, value: { extensions: { [ACCEPTED]: true } } }
    },
    return: () => source.return(),
    throw: (error) => source.throw(error),
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => void (await source.return()),
  }
  return stream
}
