import type { FactsProjection } from '../../platform/facts/projection.ts'
import type { GraphContext } from '../../platform/graph/context.ts'

export interface Context extends GraphContext {
  /** Waits for what others have published. */
  facts: Pick<FactsProjection, 'catchUp'>
  publicUrl(): string
}
