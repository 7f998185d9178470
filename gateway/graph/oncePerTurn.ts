import type { DocumentNode, ExecutionResult } from 'graphql'

/** What makes two fetches the same: of one subgraph, for one caller, of the same plan with the same values. */
export interface FetchKey {
  subgraph: string
  identityToken: string
  document: DocumentNode
  variables: unknown
}

/**
 * Makes one fetch of all that are the same and begin in one turn of the event loop, as those of many
 * subscribers to one event do. It begins when the turn is over, so each gets an answer from after the
 * moment it asked: an event is never completed with something older than itself.
 */
export function oncePerTurn(): (key: FetchKey, fetch: () => Promise<ExecutionResult>) => Promise<ExecutionResult> {
  const waiting = new Map<string, Promise<ExecutionResult>>()
  const numbers = new WeakMap<DocumentNode, number>()
  let documents = 0

  function numberOf(document: DocumentNode): number {
    const known = numbers.get(document)
    if (known !== undefined) return known
    documents += 1
    numbers.set(document, documents)
    return documents
  }

  return ({ subgraph, identityToken, document, variables }, fetch) => {
    const key = JSON.stringify([subgraph, identityToken, numberOf(document), variables])
    const joined = waiting.get(key)
    if (joined) return joined.then(copyOf)
    const result = new Promise((begin) => setImmediate(begin)).then(() => {
      waiting.delete(key)
      return fetch()
    })
    waiting.set(key, result)
    return result
  }
}

/** The router completes what it is given in place. */
function copyOf(result: ExecutionResult): ExecutionResult {
  return { ...result, data: structuredClone(result.data ?? null) }
}
