import type { SubgraphLink } from '../subgraph.ts'

/** Where a subgraph that runs apart offers what the port `Subgraph` has; both of its sides read it here. */
export const GRAPHQL_PATH = '/graphql'
export const LINK_PATH = '/link/'
export const FACTS_PATH = '/facts/'
export const EXPORTS_PATH = '/exports/'

export type LinkVerb = keyof SubgraphLink
export type FactsVerb = 'head' | 'read' | 'changes'

export interface FactsRead {
  after: string | null
  limit: number
}
/** Held open until the head is another than `since`, at most `waitMs`. */
export interface FactsChanges {
  since: string
  waitMs: number
}

/** Names a finished export, in a header: the body is the file. */
export const FILE_NAME_HEADER = 'x-sluice-file-name'

/**
 * The first message of a subscription that was accepted. Without it the other side could not tell a
 * refusal, which is one result, from a stream with one event.
 */
export const ACCEPTED = 'sluiceAccepted'

/** What goes with an operation over the WebSocket, whose headers are those of the socket and not of the caller. */
export interface OperationExtensions {
  identityToken: string
  requestId: string
  traceparent?: string
}
