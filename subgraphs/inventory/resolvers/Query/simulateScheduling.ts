import { simulateScheduling as simulate } from '../../domain/simulateScheduling.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'

export const simulateScheduling: QueryResolvers['simulateScheduling'] = async (_parent, { input }, context) => {
  const simulated = await simulate(context, input)
  return simulated.ok
    ? { simulation: simulated.simulation, userErrors: [] }
    : { simulation: null, userErrors: simulated.errors }
}
