import { parsePosition } from '../../platform/events/positions.ts'
import type { Subgraph } from '../../platform/graph/subgraph.ts'
import type { Tokens } from '../../platform/identity/identity.ts'
import type { DirectivesRequest, HelloAnswer, ObservationBatch } from '../../platform/link/protocol.ts'
import type { Callers } from '../identity/callers.ts'
import type { Rates } from '../rates/rates.ts'
import type { AgentsSeen } from '../telemetry/agentsSeen.ts'
import { readJsonObject } from './body.ts'
import { knownCluster } from './knownCluster.ts'
import { helloSecretIn, sayHello } from './linkHello.ts'
import { HttpRefusal, sendJson } from './refusal.ts'
import type { Exchange, Route } from './server.ts'

/** Bytes of a batch of observations. */
const MAX_BATCH_BYTES = 16_000_000
const MAX_HELLO_BYTES = 64_000
const MAX_WAIT_MS = 60_000
const MAX_DIRECTIVES = 1_000

interface LinkOptions {
  subgraphs: readonly Subgraph[]
  callers: Callers
  /** Signs access tokens of agents. */
  tokens: Pick<Tokens, 'issue'>
  rates: Rates
  agents: Pick<AgentsSeen, 'seen'>
}

/**
 * The agents' way in: routes each request to the subgraph it is for. An agent speaks for the cluster
 * that its token names and for no other, so it says hello before anything else.
 */
export function linkRoute({ subgraphs, callers, tokens, rates, agents }: LinkOptions): Route {
  const byName = new Map<string, Subgraph>(subgraphs.map((subgraph) => [subgraph.name, subgraph]))
  /** Ids of the clusters that have said hello, here or at another gateway. */
  const clusterIds = new Map<string, string>()

  /** With an access token, for the cluster it names; or with a secret in its place. */
  async function greet(body: Record<string, unknown>, secret: string | null): Promise<HelloAnswer> {
    const greeted = await sayHello(subgraphs, tokens, body, secret)
    clusterIds.set(String(body.name), greeted.clusterId)
    return greeted
  }

  /** Each refusal counts as a stranger's, so that nobody tries many secrets. */
  async function join(secret: string, { request, response }: Exchange): Promise<void> {
    try {
      sendJson(response, 200, await greet(await readJsonObject(request, MAX_HELLO_BYTES), secret))
    } catch (error) {
      if (error instanceof HttpRefusal) rates.anonymous(request.socket.remoteAddress)
      throw error
    }
  }

  async function ask({ link }: Subgraph, verb: string, body: Record<string, unknown>, signal: AbortSignal) {
    switch (verb) {
      case 'directives':
        return link.directives(asDirectivesRequest(body), signal)
      case 'observations':
        return link.observe(asBatch(body))
      default:
        throw noSuchPath()
    }
  }

  return async (exchange: Exchange) => {
    const { request, response, url, signal } = exchange
    if (request.method !== 'POST') {
      throw new HttpRefusal(405, 'METHOD_NOT_ALLOWED', 'Use POST.', { headers: { allow: 'POST' } })
    }
    const secret = url.pathname === '/link/hello' ? helloSecretIn(request.headers.authorization) : null
    if (secret !== null) return join(secret, exchange)
    const { identity } = await callers.authenticate(request.headers.authorization, request.socket.remoteAddress)
    if (identity.kind !== 'agent') throw new HttpRefusal(403, 'FORBIDDEN', 'The link is for agents.')
    const [, , name = '', verb = '', ...rest] = url.pathname.split('/')
    const subgraph = byName.get(name)
    if (rest.length > 0 || (name === 'hello' ? verb !== '' : !subgraph)) throw noSuchPath()
    agents.seen(identity.cluster)
    rates.link(identity.cluster, { requests: 1 })
    const body = await readJsonObject(request, MAX_BATCH_BYTES, (bytes) => rates.link(identity.cluster, { bytes }))
    if (!subgraph) {
      if (body.name !== undefined && body.name !== identity.cluster) throw notYourCluster(identity.cluster)
      return sendJson(response, 200, await greet(body, null))
    }

    const clusterId = clusterIds.get(identity.cluster) ?? (await knownCluster(subgraphs, identity.cluster))
    if (clusterId === null) {
      throw new HttpRefusal(409, 'HELLO_FIRST', 'The cluster is not known yet.', {
        fix: 'POST /link/hello, then try again.',
      })
    }
    clusterIds.set(identity.cluster, clusterId)
    if (body.clusterId !== clusterId) throw notYourCluster(identity.cluster)
    const answer = await ask(subgraph, verb, body, signal)
    if (!response.destroyed) sendJson(response, 200, answer)
  }
}

function asDirectivesRequest(body: Record<string, unknown>): DirectivesRequest {
  const { clusterId, after, epoch, limit, waitMs } = body
  if (after !== undefined && (typeof after !== 'string' || !parsePosition(after)))
    throw badRequest('after is a position or absent.')
  if (epoch !== undefined && typeof epoch !== 'string') throw badRequest('epoch is that of a page or absent.')
  if (!isWhole(limit) || limit < 1 || !isWhole(waitMs)) throw badRequest('limit and waitMs are whole numbers.')
  return {
    clusterId: String(clusterId),
    ...(after === undefined ? {} : { after }),
    ...(epoch === undefined ? {} : { epoch }),
    limit: Math.min(limit, MAX_DIRECTIVES),
    waitMs: Math.min(waitMs, MAX_WAIT_MS),
  }
}

/** Only the envelope: what a record says is its subgraph's to judge, which puts bad ones in quarantine. */
function asBatch(body: Record<string, unknown>): ObservationBatch {
  const { epoch, number, through, records } = body
  if (!isWhole(epoch) || !isWhole(number) || Math.max(epoch, number) > MAX_COUNT)
    throw badRequest('epoch and number are whole numbers.')
  if (typeof through !== 'string' || !TIMESTAMP.test(through) || Number.isNaN(Date.parse(through)))
    throw badRequest('through is a timestamp.')
  if (!Array.isArray(records) || !records.every(isRecord)) throw badRequest('records is a list of objects.')
  return body as unknown as ObservationBatch
}

/** Of epochs, and of the batches of one: what an integer of Postgres holds. */
const MAX_COUNT = 2 ** 31 - 1
/** RFC 3339 in UTC; Date.parse alone takes much that no database does. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function badRequest(message: string): HttpRefusal {
  return new HttpRefusal(400, 'BAD_REQUEST', message)
}

function noSuchPath(): HttpRefusal {
  return new HttpRefusal(404, 'NOT_FOUND', 'The link has no such path.')
}

function notYourCluster(cluster: string): HttpRefusal {
  return new HttpRefusal(403, 'FORBIDDEN', `The token speaks for cluster ${cluster} alone.`)
}
