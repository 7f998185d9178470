import { MAX_DOCUMENT_LENGTH } from '../graph/limits.ts'
import type { Graph } from '../graph/runtime.ts'
import type { Caller, Callers } from '../identity/callers.ts'
import type { Rates } from '../rates/rates.ts'
import { traceparentOf } from '../telemetry/traceparentOf.ts'
import { readJsonObject } from './body.ts'
import { HttpRefusal } from './refusal.ts'
import type { Route } from './server.ts'

/** Bytes of a GraphQL request. */
export const MAX_OPERATION_BYTES = 1_000_000

/** Of any request, also of one that turns out to be no operation; what it asks for comes on top. */
export const REQUEST_COST = 1

/**
 * GraphQL over HTTP: POST for everything (subscriptions as server-sent events), GET for queries.
 * The token comes in the Authorization header and from nowhere else, so nothing that a browser sends
 * by itself ever acts for a user.
 */
export function graphqlRoute(graph: Graph, callers: Callers, rates: Rates): Route {
  return async ({ request, response, url, requestId, signal }) => {
    const { method } = request
    if (method !== 'POST' && method !== 'GET') {
      throw new HttpRefusal(405, 'METHOD_NOT_ALLOWED', 'Use POST, or GET for queries.', {
        headers: { allow: 'GET, POST' },
      })
    }
    const caller = await callers.authenticate(request.headers.authorization, request.socket.remoteAddress)
    const refused = refusalOfAgents(caller)
    if (refused) throw new HttpRefusal(403, 'FORBIDDEN', refused)
    rates.operation(caller.identity, REQUEST_COST)
    request.headers.accept = acceptedOf(request.headers.accept)
    const isStreamable = method === 'POST' && /event-stream|\*\/\*/.test(request.headers.accept)
    const body = method === 'POST' ? await readJsonObject(request, MAX_OPERATION_BYTES) : undefined
    if (body && typeof body.query !== 'string') throw new HttpRefusal(400, 'BAD_REQUEST', 'The body has no query.')
    if (!body) checkSearch(url)
    else if (String(body.query).length > MAX_DOCUMENT_LENGTH)
      throw new HttpRefusal(413, 'OPERATION_TOO_LARGE', `A document has at most ${MAX_DOCUMENT_LENGTH} characters.`)
    const traceparent = traceparentOf(request.headers)
    await graph.respond(
      request,
      response,
      { caller, requestId, traceparent, transport: method, isStreamable, signal },
      body,
    )
  }
}

const ANSWERS = /^(application\/(json|graphql-response\+json|\*)|text\/event-stream|\*\/\*)$/

/**
 * Of what a client takes, what there is here; without parameters, about which the runtime is particular.
 * @throws HttpRefusal 406
 */
function acceptedOf(accept = '*/*'): string {
  const types = accept.split(',').filter((type) => !/;\s*q=0(\.0*)?\s*(;|$)/.test(type))
  const accepted = types
    .map((type) => type.split(';')[0]?.trim().toLowerCase() ?? '')
    .filter((type) => ANSWERS.test(type))
  if (accepted.length > 0) return accepted.join(', ')
  throw new HttpRefusal(
    406,
    'NOT_ACCEPTABLE',
    'Answers come as application/json, application/graphql-response+json or text/event-stream.',
  )
}

/** Each parameter once, well encoded, and JSON where it has to be: the runtime takes them for granted. */
function checkSearch({ search, searchParams }: URL): void {
  const names = [...searchParams.keys()]
  if (new Set(names).size < names.length) throw badSearch('A parameter comes twice.')
  if (!searchParams.get('query')) throw badSearch('The address has no query.')
  try {
    decodeURIComponent(search)
    for (const name of ['variables', 'extensions']) JSON.parse(searchParams.get(name) ?? 'null')
  } catch {
    throw badSearch('Parameters are percent-encoded, variables and extensions as JSON.')
  }
}

function badSearch(message: string): HttpRefusal {
  return new HttpRefusal(400, 'BAD_REQUEST', message)
}

/** @returns why this caller may not use the graph; undefined: it may */
export function refusalOfAgents({ identity }: Caller): string | undefined {
  return identity.kind === 'agent'
    ? 'Agents speak over the link; the graph is for people and their programs.'
    : undefined
}
