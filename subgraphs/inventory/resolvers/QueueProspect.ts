import type { QueueProspectResolvers } from '../generated/resolvers.ts'

export const QueueProspect: QueueProspectResolvers = {
  queue: ({ row }) => row,
  numbers: (prospect) => prospect,
}
