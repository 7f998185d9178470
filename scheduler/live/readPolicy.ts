import { PRIORITY_OF_CLASS } from '../../kubernetes/names.ts'
import type { SchedulingPolicy } from '../../kubernetes/objects.ts'
import { DEFAULT_POLICY, type Policy } from '../model/policy.ts'

/** Its schema lets no number through that would make no sense, and fills in those that are missing. */
export function readPolicy({ spec }: SchedulingPolicy): Policy {
  const { gangStart, requeue, order, stops = [], highestClasses = [], topology, shares } = spec
  return {
    patience: {
      gangBaseMs: gangStart.baseSeconds * 1_000,
      gangPodsPerSecond: gangStart.podsPerSecond,
      firstBackoffMs: requeue.firstBackoffSeconds * 1_000,
      lastBackoffMs: requeue.lastBackoffSeconds * 1_000,
      avoidNodeMs: requeue.avoidNodeSeconds * 1_000,
    },
    agingMs: order === undefined ? DEFAULT_POLICY.agingMs : order.agingSeconds * 1_000,
    stops: stops.map(({ node = null, pool = null, stopPolicy }) => ({ node, flavor: pool, stopPolicy })),
    topologyLevels: topology?.levels ?? DEFAULT_POLICY.topologyLevels,
    shareEnforcements: shares?.requireEnforcement ?? DEFAULT_POLICY.shareEnforcements,
    highestClasses: new Map(
      highestClasses.map((row) => [row.tenantId || null, { name: row.class, priority: PRIORITY_OF_CLASS[row.class] }]),
    ),
  }
}
