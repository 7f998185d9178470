import { DEFAULT_PRICES } from '../domain/defaultPrices.ts'
import type { JobResolvers } from '../generated/resolvers.ts'
import { jobTotalsLoader } from '../loaders.ts'

const NOTHING = { gpuSeconds: '0', startUpGpuSeconds: '0', cpuSeconds: '0', memoryMibSeconds: '0' }

/**
 * Fields on an entity that jobs owns, and has shown to the caller before anything is asked here. A job
 * that metering has not been told of has held nothing yet; another tenant's looks the same.
 */
export const Job: JobResolvers = {
  __resolveReference: ({ id }) => ({ id }),

  usage: async ({ id }, _args, context) => (await jobTotalsLoader(context).load(id)) ?? NOTHING,

  async cost({ id }, _args, context) {
    const totals = await jobTotalsLoader(context).load(id)
    return {
      amount: totals?.cost ?? '0',
      currency: totals?.currency ?? DEFAULT_PRICES.currency,
      complete: totals?.complete ?? false,
    }
  },
}
