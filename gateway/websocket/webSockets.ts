import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols, makeServer } from 'graphql-ws'
import { WebSocketServer } from 'ws'
import type { Log } from '../../platform/log.ts'
import { MAX_OPERATION_BYTES } from '../http/graphql.ts'
import { endWithRefusal, HttpRefusal } from '../http/refusal.ts'
import { requestIdOf } from '../http/server.ts'
import type { GatewayLimits } from '../limits.ts'
import { RateLimited } from '../rates/rates.ts'
import { serveConnection } from './connection.ts'
import { type OperationsOptions, socketOperations } from './operations.ts'

export interface WebSockets {
  /** Lets operations that are ending say so, at most for `graceMs`, and closes every socket. */
  stop(graceMs: number): Promise<void>
}

interface WebSocketOptions extends OperationsOptions {
  server: Server
  path: string
  limits: GatewayLimits
  log: Log
}

/** GraphQL over WebSocket (graphql-transport-ws). */
export function acceptWebSockets({ server, path, limits, log, ...options }: WebSocketOptions): WebSockets {
  const operations = socketOperations({ ...options, limits })
  const protocol = makeServer(operations.protocol)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_OPERATION_BYTES, handleProtocols })

  server.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    const refusal = refusalOf(request)
    if (refusal) return endWithRefusal(connection, refusal, requestIdOf(request))
    sockets.handleUpgrade(request, connection, head, (socket) =>
      serveConnection({ socket, request, protocol, bufferBytes: limits.socketBufferBytes, log }),
    )
  })
  sockets.on('wsClientError', (_error, connection, request) =>
    endWithRefusal(
      connection,
      new HttpRefusal(400, 'BAD_REQUEST', 'This is no WebSocket handshake.'),
      requestIdOf(request),
    ),
  )

  /** A handshake without a token is a stranger's until its first message says who it is. */
  function refusalOf({ url, headers, socket }: IncomingMessage): HttpRefusal | undefined {
    if (URL.parse(url ?? '/', 'http://gateway')?.pathname !== path)
      return new HttpRefusal(404, 'NOT_FOUND', 'There is nothing at this address.')
    try {
      if (headers.authorization === undefined) options.rates.anonymous(socket.remoteAddress)
    } catch (error) {
      if (!(error instanceof RateLimited)) throw error
      const { code, message, retryAfterSeconds } = error
      return new HttpRefusal(429, code, message, { retryAfterSeconds })
    }
    return undefined
  }

  return {
    async stop(graceMs) {
      let timer: NodeJS.Timeout | undefined
      const deadline = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs)
      })
      await Promise.race([operations.quiet(), deadline])
      const closed = new Promise<void>((resolve) => sockets.close(() => resolve()))
      for (const socket of sockets.clients) socket.close(1001, 'GOING_AWAY')
      await Promise.race([closed, deadline])
      clearTimeout(timer)
      for (const socket of sockets.clients) socket.terminate()
    },
  }
}
