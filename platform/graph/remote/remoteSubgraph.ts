import type { Readable } from 'node:stream'
import { type DocumentNode, type ExecutionResult, getOperationAST, print } from 'graphql'
import type { RoleTokens } from '../../identity/roleTokens.ts'
import type { SubgraphName } from '../../link/protocol.ts'
import { traceHeaders } from '../../telemetry/spans.ts'
import { systemTimers } from '../../timers.ts'
import { EXPORTS_PATH, FILE_NAME_HEADER, GRAPHQL_PATH, LINK_PATH, type LinkVerb } from '../host/paths.ts'
import type { Download, Subgraph, SubgraphLink, SubgraphRequest } from '../subgraph.ts'
import { connectPeer, errorsOf, type Peer, readJson } from './peer.ts'
import { remoteFacts } from './remoteFacts.ts'
import { remoteSubscriptions } from './subscriptions.ts'

interface RemoteOptions {
  name: SubgraphName
  url: string
  /** As it was when this program was made: composing must not wait for a subgraph to be there. */
  typeDefs: string
  roles: RoleTokens
  /** What not every subgraph has. */
  offers: { hello: boolean; download: boolean }
}

/**
 * A subgraph in another process, which may come and go: while it is away each call fails with
 * SERVICE_UNAVAILABLE, and the next one after it is back succeeds.
 */
export function remoteSubgraph({ name, url, typeDefs, roles, offers }: RemoteOptions): Subgraph {
  const peer = connectPeer({ name, url, roles })
  const facts = remoteFacts(peer, systemTimers)
  const subscriptions = remoteSubscriptions({ name, url, roles })
  return {
    name,
    typeDefs,
    facts,
    link: remoteLink(peer, offers.hello),
    ...(offers.download && { download: (id, identityToken) => downloadFrom(peer, id, identityToken) }),
    async execute(request) {
      const operation = getOperationAST(request.document, request.operationName)?.operation
      if (operation === 'subscription') return subscriptions.subscribe(request)
      return executeAt(peer, request, operation === 'mutation')
    },
    async stop() {
      facts.close()
      await subscriptions.close()
      await peer.close()
    },
  }
}

async function executeAt(
  peer: Peer,
  { document, variables, operationName, identityToken, requestId }: SubgraphRequest,
  isMutation: boolean,
): Promise<ExecutionResult> {
  const { body } = await peer.send({
    method: 'POST',
    path: GRAPHQL_PATH,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      authorization: `Bearer ${identityToken}`,
      'x-request-id': requestId,
      ...traceHeaders(),
    },
    body: JSON.stringify({ query: textOf(document), variables, operationName }),
    isMutation,
  })
  const result = (await readJson(peer.name, body)) as ExecutionResult
  return result.errors ? { ...result, errors: errorsOf(result) } : result
}

/** A plan's documents come again and again; printing one costs as much as sending it. */
const texts = new WeakMap<DocumentNode, string>()

function textOf(document: DocumentNode): string {
  const text = texts.get(document) ?? print(document)
  texts.set(document, text)
  return text
}

function remoteLink(peer: Peer, hasHello: boolean): SubgraphLink {
  const ask = <T>(verb: LinkVerb, body: unknown, signal?: AbortSignal) => peer.call<T>(LINK_PATH + verb, body, signal)
  return {
    directives: (request, signal) => ask('directives', request, signal),
    observe: (batch) => ask('observe', batch),
    head: (clusterId) => ask('head', clusterId),
    ...(hasHello && { hello: (hello) => ask('hello', hello) }),
  }
}

async function downloadFrom(peer: Peer, exportId: string, identityToken: string): Promise<Download | null> {
  const { statusCode, headers, body } = await peer.send({
    method: 'GET',
    path: EXPORTS_PATH + encodeURIComponent(exportId),
    headers: { authorization: `Bearer ${identityToken}` },
  })
  if (statusCode === 200) {
    return {
      fileName: decodeURIComponent(String(headers[FILE_NAME_HEADER])),
      contentType: String(headers['content-type']),
      sizeBytes: Number(headers['content-length']),
      content: () => body as Readable,
      discard: () => void body.dump(),
    }
  }
  const [error] = errorsOf(await readJson(peer.name, body))
  if (statusCode === 404) return null
  throw error ?? new Error(`${peer.name} answered a download with ${statusCode}`)
}
