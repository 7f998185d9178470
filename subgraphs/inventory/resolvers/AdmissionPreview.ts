import { pricingOf } from '../domain/previewAdmission.ts'
import { requireCluster } from '../domain/requireCluster.ts'
import type { AdmissionPreviewResolvers } from '../generated/resolvers.ts'

const MAX_NODES = 100

export const AdmissionPreview: AdmissionPreviewResolvers = {
  verdict: ({ start, stops, isPossible }) => {
    if (start.sureness === 'NOW') return 'STARTS_NOW'
    if (stops > 0) return 'STARTS_AFTER_PREEMPTION'
    return isPossible ? 'WAITS' : 'NEVER'
  },
  cluster: ({ clusterId }, _args, context) => requireCluster(context, clusterId),
  estimatedStart: ({ start }) => (start.atMs === null ? null : new Date(start.atMs)),
  estimateSureness: ({ start }) => start.sureness,
  placement: ({ place }) =>
    place && {
      flavor: place.flavor,
      gpuModel: place.gpuModel,
      nodes: place.nodes.slice(0, MAX_NODES).map(({ node, pods }) => ({ name: node, pods })),
    },
  changes: ({ changes }) => [...changes],
  pricing: pricingOf,
}
