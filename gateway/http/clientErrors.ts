import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { endWithRefusal, HttpRefusal, sendRefusal } from './refusal.ts'

/** What never becomes a request is answered in the shape of all errors, too, and its connection ends. */
export function refuseClientErrors(server: Server): void {
  const answering = new WeakMap<Duplex, ServerResponse>()
  server.on('request', ({ socket }: IncomingMessage, response) => answering.set(socket, response))

  server.on('clientError', (error: NodeJS.ErrnoException, connection: Duplex) => {
    // An answer that has begun cannot be taken back: another one after it would be read as its rest.
    const begun = answering.get(connection)
    if (!connection.writable || (begun?.headersSent && !begun.writableFinished)) connection.destroy()
    else endWithRefusal(connection, refusalOf(error), randomUUID())
  })
  server.on('connect', (_request: IncomingMessage, connection: Duplex) => {
    endWithRefusal(connection, new HttpRefusal(405, 'METHOD_NOT_ALLOWED', 'This is no proxy.'), randomUUID())
  })
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const requestId = randomUUID()
    response.setHeader('x-request-id', requestId)
    sendRefusal(response, new HttpRefusal(417, 'BAD_REQUEST', 'Expect may ask for 100-continue alone.'), requestId)
  })
}

function refusalOf({ code }: NodeJS.ErrnoException): HttpRefusal {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new HttpRefusal(408, 'REQUEST_TIMEOUT', 'The request did not come in time.')
    case 'HPE_HEADER_OVERFLOW':
      return new HttpRefusal(431, 'HEADERS_TOO_LARGE', 'The headers are too large.')
    default:
      return new HttpRefusal(400, 'BAD_REQUEST', 'This is no HTTP request.')
  }
}
