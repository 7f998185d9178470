import type { JobUsageResolvers } from '../generated/resolvers.ts'

export const JobUsage: JobUsageResolvers = {
  memoryMiBSeconds: ({ memoryMibSeconds }) => memoryMibSeconds,
}
