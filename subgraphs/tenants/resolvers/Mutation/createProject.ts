import { createProject as create } from '../../domain/createProject.ts'
import type { MutationResolvers } from '../../generated/resolvers.ts'
import { projectLoader } from '../../loaders.ts'

export const createProject: MutationResolvers['createProject'] = async (_parent, { input }, context) => {
  const outcome = await create(context, input)
  if (!outcome.ok) return { project: null, userErrors: outcome.errors }
  const id = outcome.result
  return { project: id === null ? null : await projectLoader(context).load(id), userErrors: [] }
}
