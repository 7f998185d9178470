import type { WallClock } from '../../platform/clock.ts'
import type { GraphContext } from '../../platform/graph/context.ts'

export interface Context extends GraphContext {
  /** Of tokens, which domain time knows nothing of. */
  wall: WallClock
  /** Asks the owner of another subgraph's type, as the caller, whether there is such an object. */
  entityExists(typename: string, id: string): Promise<boolean>
}
