import type { WallClock } from '../../platform/clock.ts'
import type { EventHub } from '../../platform/events/hub.ts'
import type { FactsProjection } from '../../platform/facts/projection.ts'
import type { GraphContext } from '../../platform/graph/context.ts'
import type { WhatIf } from './whatIf/whatIf.ts'

export interface Context extends GraphContext {
  /** What lets somebody in is judged by it. */
  wall: WallClock
  events: Pick<EventHub, 'subscribe' | 'cursor'>
  /** Waits for what other subgraphs have published. */
  facts: Pick<FactsProjection, 'catchUp'>
  whatIf: Pick<WhatIf, 'ask' | 'clusters'>
}
