import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import { type ExecutionArgs, GraphQLError, GraphQLSchema, parse } from 'graphql'
import { CloseCode, type Context, type ServerOptions } from 'graphql-ws'
import { type Extra, useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import type { Operation } from './graph/operation.ts'
import type { Graph, GraphParams } from './graph/runtime.ts'
import { MAX_OPERATION_BYTES, refusalOfAgents } from './http/graphql.ts'
import { AuthenticationError, type Callers } from './identity/callers.ts'

export interface WebSockets {
  /** Lets operations that are ending say so, at most for `graceMs`, and closes every socket. */
  stop(graceMs: number): Promise<void>
}

interface WebSocketOptions {
  server: Server
  path: string
  graph: Graph
  callers: Callers
}

type Connection = Context<Record<string, unknown> | undefined, Extra>
/** What graphql-ws hands from its subscribe hook to its execution: an operation of ours instead of a parsed document. */
interface Work {
  params: GraphParams
  operation: Operation
}

/**
 * GraphQL over WebSocket (graphql-transport-ws). The token comes as `authorization` in the connection
 * parameters or in the header of the handshake, and is looked at again for each operation: a socket
 * outlives its token, an operation does not start on an expired one.
 */
export function acceptWebSockets({ server, path, graph, callers }: WebSocketOptions): WebSockets {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_OPERATION_BYTES })
  const running = new Set<object>()
  let onQuiet = () => {}

  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    if (URL.parse(request.url ?? '/', 'http://gateway')?.pathname !== path) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request))
  })

  const authenticate = ({ connectionParams, extra }: Connection) =>
    callers.authenticate(
      connectionParams?.authorization ?? connectionParams?.Authorization ?? extra.request.headers.authorization,
    )

  async function execute(args: ExecutionArgs) {
    const { params, operation } = args.contextValue as Work
    return graph.run(params, operation)
  }

  const options: ServerOptions<Record<string, unknown> | undefined, Extra> = {
    async onConnect(connection) {
      try {
        const refused = refusalOfAgents(await authenticate(connection))
        return refused === undefined
      } catch (error) {
        if (!(error instanceof AuthenticationError)) throw error
        connection.extra.socket.close(CloseCode.Unauthorized, error.code)
        return false
      }
    },
    async onSubscribe(connection, _id, params) {
      const requestId = randomUUID()
      try {
        const caller = await authenticate(connection)
        const signal = closingOf(connection)
        const operation: Operation = { caller, requestId, transport: 'WEBSOCKET', signal }
        running.add(params)
        return { schema: NO_SCHEMA, document: ANY_OPERATION, contextValue: { params, operation } satisfies Work }
      } catch (error) {
        if (!(error instanceof AuthenticationError)) throw error
        return [new GraphQLError(error.message, { extensions: { code: error.code, requestId } })]
      }
    },
    execute,
    subscribe: execute,
    onComplete(_connection, _id, params) {
      running.delete(params)
      if (running.size === 0) onQuiet()
    },
  }
  const disposable = useServer({ ...options, isProd: true }, sockets)

  return {
    async stop(graceMs) {
      let timer: NodeJS.Timeout | undefined
      const deadline = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs)
      })
      const quiet = new Promise<void>((resolve) => {
        onQuiet = resolve
      })
      if (running.size > 0) await Promise.race([quiet, deadline])
      await Promise.race([disposable.dispose(), deadline])
      clearTimeout(timer)
      for (const socket of sockets.clients) socket.terminate()
    },
  }
}

/** Parsing, validation and the choice of executor are the graph's; graphql-ws only has to see some operation. */
const ANY_OPERATION = parse('subscription { any }')
const NO_SCHEMA = new GraphQLSchema({})

/** Aborts when the socket closes. */
function closingOf({ extra }: Connection): AbortSignal {
  const known = closings.get(extra.socket)
  if (known) return known
  const closing = new AbortController()
  closings.set(extra.socket, closing.signal)
  extra.socket.once('close', () => closing.abort())
  return closing.signal
}
const closings = new WeakMap<object, AbortSignal>()
