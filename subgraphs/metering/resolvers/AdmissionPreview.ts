import { previewPrice } from '../domain/previewPrice.ts'
import type { AdmissionPreviewResolvers } from '../generated/resolvers.ts'
import { loadPriceLists } from '../store/priceLists.ts'

/** A field on what inventory answers; prices are the same for everybody. */
export const AdmissionPreview: AdmissionPreviewResolvers = {
  __resolveReference: ({ pricing }) => ({ pricing }),

  async price({ pricing }, _args, context) {
    return previewPrice(pricing, await loadPriceLists(await context.read()), Math.floor(context.clock.nowMs() / 1000))
  },
}
