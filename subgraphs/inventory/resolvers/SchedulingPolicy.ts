import type { SchedulingPolicyResolvers } from '../generated/resolvers.ts'

export const SchedulingPolicy: SchedulingPolicyResolvers = {
  gangStart: ({ spec }) => spec.gangStart,
  requeue: ({ spec }) => spec.requeue,
  agingSeconds: ({ spec }) => spec.order.agingSeconds,
  stops: ({ spec }) =>
    spec.stops.map(({ node, pool, stopPolicy }) => ({
      node: node ?? null,
      pool: pool ?? null,
      stopPolicy: stopPolicy === 'Hold' ? 'HOLD' : 'HOLD_AND_DRAIN',
    })),
  highestClasses: ({ spec }) =>
    spec.highestClasses.map((row) => ({ tenantId: row.tenantId || null, class: row.class })),
  topologyLevels: ({ spec }) => spec.topology?.levels ?? [],
  requireEnforcement: ({ spec }) => spec.shares?.requireEnforcement ?? [],
}
