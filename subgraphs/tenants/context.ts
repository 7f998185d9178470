import type { GraphContext } from '../../platform/graph/context.ts'

export interface Context extends GraphContext {
  /** Asks the owner of another subgraph's type, as the caller, whether there is such an object. */
  entityExists(typename: string, id: string): Promise<boolean>
}
