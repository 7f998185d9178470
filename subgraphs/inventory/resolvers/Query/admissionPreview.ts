import { previewAdmission } from '../../domain/previewAdmission.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'

export const admissionPreview: QueryResolvers['admissionPreview'] = async (_parent, { input }, context) => {
  const previewed = await previewAdmission(context, input)
  return previewed.ok ? { preview: previewed.preview, userErrors: [] } : { preview: null, userErrors: previewed.errors }
}
