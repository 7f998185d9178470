import type { ProspectNumbersResolvers } from '../generated/resolvers.ts'

export const ProspectNumbers: ProspectNumbersResolvers = {
  meanWaitSeconds: ({ meanWaitMs }) => (meanWaitMs === null ? null : meanWaitMs / 1000),
  longestWaitSeconds: ({ longestWaitMs }) => (longestWaitMs === null ? null : longestWaitMs / 1000),
  usedGpus: ({ usedGpuThousandths }) => String(usedGpuThousandths / 1000),
}
