import type { IncomingMessage, ServerResponse } from 'node:http'
import { HTTP_METHODS, HTTP_ROUTES } from './catalogue/requests.ts'
import type { LabelsOf } from './catalogue.ts'
import { record, secondsSince } from './metrics.ts'

type Labels = LabelsOf<'http_server_request_duration_seconds'>

/** Measures a request until it is answered or its client gone. @param routeOf asked when it is over */
export function measureRequest(request: IncomingMessage, response: ServerResponse, routeOf: () => string): void {
  const startMs = performance.now()
  response.once('close', () => {
    const labels = {
      http_request_method: oneOf(HTTP_METHODS, request.method),
      http_route: oneOf(HTTP_ROUTES, routeOf()),
      http_response_status_code: String(response.headersSent ? response.statusCode : CLIENT_GONE),
    } satisfies Labels
    record('http_server_request_duration_seconds', labels, secondsSince(startMs))
  })
}

/** As others number it: the client left before there was an answer. */
const CLIENT_GONE = 499

/** What clients make up is no label. */
function oneOf<T extends string>(known: readonly T[], value: string | undefined): T | '_OTHER' {
  return known.find((each) => each === value) ?? '_OTHER'
}
