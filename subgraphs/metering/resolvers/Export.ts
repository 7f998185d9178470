import { notFound } from '../../../platform/graph/errors.ts'
import { manifestOfReady } from '../domain/manifest.ts'
import type { ExportResolvers } from '../generated/resolvers.ts'
import { exportLoader } from '../loaders.ts'

export const Export: ExportResolvers = {
  async __resolveReference({ id }, context) {
    const found = await exportLoader(context).load(id)
    if (!found) throw notFound('export of that id')
    return found
  },

  url: ({ id, state }, _args, context) => (state === 'READY' ? `${context.publicUrl()}/exports/${id}` : null),

  manifest(found) {
    const manifest = manifestOfReady(found)
    return manifest && { ...manifest, bytes: String(manifest.bytes) }
  },
}
