import { randomUUID } from 'node:crypto'
import { type ExecutionArgs, GraphQLError, GraphQLSchema, parse } from 'graphql'
import { CloseCode, type Context, type ServerOptions } from 'graphql-ws'
import type { Operation } from '../graph/operation.ts'
import type { Graph, GraphParams } from '../graph/runtime.ts'
import { REQUEST_COST, refusalOfAgents } from '../http/graphql.ts'
import { AuthenticationError, type Callers } from '../identity/callers.ts'
import type { GatewayLimits } from '../limits.ts'
import { payerOf, RateLimited, type Rates } from '../rates/rates.ts'
import { traceparentOf } from '../telemetry/traceparentOf.ts'
import type { SocketExtra } from './connection.ts'

type Params = Record<string, unknown> | undefined
type Connection = Context<Params, SocketExtra>

/** What graphql-ws hands from its subscribe hook to its execution: an operation of ours instead of a parsed document. */
interface Work {
  params: GraphParams
  operation: Operation
}

export interface OperationsOptions {
  graph: Graph
  callers: Callers
  rates: Rates
  limits: Pick<GatewayLimits, 'operationsPerSocket' | 'socketsPerTenant' | 'socketInitWithinMs'>
}

export interface SocketOperations {
  protocol: ServerOptions<Params, SocketExtra>
  /** Resolves when no operation is running, at once where none is. */
  quiet(): Promise<void>
}

/** Asked too much, too often, or from too many sockets: the reason says which. */
const TOO_MANY = 4429

/**
 * Who may open a socket and what may run on it. The token comes as `authorization` in the connection
 * parameters or in the header of the handshake, and is looked at again for each operation: a socket
 * outlives its token, an operation does not start on an expired one.
 */
export function socketOperations({ graph, callers, rates, limits }: OperationsOptions): SocketOperations {
  const running = new Map<object, Set<string>>()
  const socketsOf = new Map<string, number>()
  let onQuiet = () => {}

  const authenticate = ({ connectionParams, extra: { request } }: Connection) =>
    callers.authenticate(
      connectionParams?.authorization ?? connectionParams?.Authorization ?? request.headers.authorization,
      request.socket.remoteAddress,
    )

  /** @returns false where the tenant has as many open as it may */
  function countSocket({ extra: { socket } }: Connection, payer: string): boolean {
    const open = socketsOf.get(payer) ?? 0
    if (open >= limits.socketsPerTenant || socket.readyState !== socket.OPEN) return false
    socketsOf.set(payer, open + 1)
    socket.once('close', () => {
      const left = (socketsOf.get(payer) ?? 1) - 1
      if (left > 0) socketsOf.set(payer, left)
      else socketsOf.delete(payer)
    })
    return true
  }

  async function begin(connection: Connection, params: GraphParams, requestId: string): Promise<Work> {
    const { socket } = connection.extra
    const caller = await authenticate(connection)
    rates.operation(caller.identity, REQUEST_COST)
    const traceparent = traceparentOf(params.extensions) ?? traceparentOf(connection.extra.request.headers)
    return {
      params,
      operation: {
        caller,
        requestId,
        traceparent,
        transport: 'WEBSOCKET',
        isStreamable: true,
        signal: closingOf(socket),
      },
    }
  }

  async function execute(args: ExecutionArgs) {
    const { params, operation } = args.contextValue as Work
    return graph.run(params, operation)
  }

  const protocol: ServerOptions<Params, SocketExtra> = {
    connectionInitWaitTimeout: limits.socketInitWithinMs,
    async onConnect(connection) {
      const { socket } = connection.extra
      try {
        const caller = await authenticate(connection)
        if (refusalOfAgents(caller)) return false
        if (countSocket(connection, payerOf(caller.identity))) return true
        socket.close(TOO_MANY, 'TOO_MANY_SOCKETS')
      } catch (error) {
        if (error instanceof AuthenticationError) socket.close(CloseCode.Unauthorized, error.code)
        else if (error instanceof RateLimited) socket.close(TOO_MANY, error.code)
        else throw error
      }
      return false
    },
    async onSubscribe(connection, id, params) {
      const requestId = randomUUID()
      try {
        if (Object.keys(connection.subscriptions).length > limits.operationsPerSocket)
          return [tooManyOperations(limits.operationsPerSocket, requestId)]
        const contextValue = await begin(connection, params, requestId)
        const ids = running.get(connection.extra.socket) ?? new Set()
        running.set(connection.extra.socket, ids.add(id))
        return { schema: NO_SCHEMA, document: ANY_OPERATION, contextValue }
      } catch (error) {
        return [asRefusal(error, requestId)]
      }
    },
    execute,
    subscribe: execute,
    onComplete({ extra: { socket } }, id) {
      const ids = running.get(socket)
      ids?.delete(id)
      if (ids?.size === 0) running.delete(socket)
      if (running.size === 0) onQuiet()
    },
    onClose({ extra: { socket } }) {
      running.delete(socket)
      if (running.size === 0) onQuiet()
    },
  }

  return {
    protocol,
    quiet: () =>
      running.size === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            onQuiet = resolve
          }),
  }
}

function asRefusal(error: unknown, requestId: string): GraphQLError {
  if (error instanceof AuthenticationError)
    return new GraphQLError(error.message, { extensions: { code: error.code, requestId } })
  if (error instanceof RateLimited) {
    const { code, message, retryAfterSeconds: retryAfter } = error
    return new GraphQLError(message, { extensions: { code, retryAfter, requestId } })
  }
  throw error
}

function tooManyOperations(limit: number, requestId: string): GraphQLError {
  const message = `${limit} operations run on this socket, which is all that may; end some, or open another.`
  return new GraphQLError(message, { extensions: { code: 'TOO_MANY_OPERATIONS', requestId } })
}

/** Parsing, validation and the choice of executor are the graph's; graphql-ws only has to see some operation. */
const ANY_OPERATION = parse('subscription { any }')
const NO_SCHEMA = new GraphQLSchema({})

/** Aborts when the socket closes. */
function closingOf(socket: SocketExtra['socket']): AbortSignal {
  const known = closings.get(socket)
  if (known) return known
  const closing = new AbortController()
  closings.set(socket, closing.signal)
  if (socket.readyState !== socket.OPEN) closing.abort()
  socket.once('close', () => closing.abort())
  return closing.signal
}
const closings = new WeakMap<object, AbortSignal>()
