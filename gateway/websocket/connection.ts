import type { IncomingMessage } from 'node:http'
import { CloseCode, type Server } from 'graphql-ws'
import type { WebSocket } from 'ws'
import type { Log } from '../../platform/log.ts'

/** What the protocol knows of a socket. */
export interface SocketExtra {
  socket: WebSocket
  request: IncomingMessage
}

interface ConnectionOptions extends SocketExtra {
  protocol: Server<SocketExtra>
  /** Bytes that may wait for the client. */
  bufferBytes: number
  log: Log
}

/** A client that is gone without a word does not answer pings: found out within two of them. */
const PING_EVERY_MS = 12_000

/** Speaks graphql-transport-ws on one socket, until either side has had enough. */
export function serveConnection({ socket, request, protocol, bufferBytes, log }: ConnectionOptions): void {
  let isAlive = true
  const pinging = setInterval(() => {
    if (!isAlive) return socket.terminate()
    isAlive = false
    socket.ping()
  }, PING_EVERY_MS)
  pinging.unref()

  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      async send(message) {
        if (socket.readyState !== socket.OPEN) return
        // A stream waits until its last result is taken, but answers and pongs pile up where nobody reads them.
        if (socket.bufferedAmount > bufferBytes) return socket.terminate()
        // Resolves also where it fails: then the socket is closing, and what waits for it is told so.
        await new Promise<void>((sent) => socket.send(message, () => sent()))
      },
      close: (code, reason) => socket.close(code, reason),
      onMessage(receive) {
        socket.on('message', (message) => {
          receive(String(message)).catch((error) => {
            // The one thing that graphql-ws throws for what a client does: a message that only servers send.
            if (/^Unexpected message of type/.test(error.message))
              return socket.close(CloseCode.BadRequest, 'BAD_REQUEST')
            log.error({ err: error }, 'a message over WebSocket failed')
            socket.close(CloseCode.InternalServerError, 'INTERNAL_SERVER_ERROR')
          })
        })
      },
    },
    { socket, request },
  )
  socket.on('pong', () => {
    isAlive = true
  })
  // Frames that are none, or too large: ws has closed the socket with the code that says so.
  socket.on('error', () => {})
  socket.once('close', (code, reason) => {
    clearInterval(pinging)
    void closed(code, String(reason))
  })
}
