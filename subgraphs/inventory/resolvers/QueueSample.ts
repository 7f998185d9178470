import type { QueueSampleResolvers } from '../generated/resolvers.ts'

export const QueueSample: QueueSampleResolvers = {
  flavorsUsage: ({ cells }) => [...cells],
}
