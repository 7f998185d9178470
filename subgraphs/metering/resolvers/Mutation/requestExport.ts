import { requestExport as request } from '../../domain/requestExport.ts'
import type { MutationResolvers } from '../../generated/resolvers.ts'

export const requestExport: MutationResolvers['requestExport'] = async (_parent, { input }, context) => {
  const requested = await request(context, input)
  return requested.ok ? { export: requested.export, userErrors: [] } : { export: null, userErrors: requested.errors }
}
