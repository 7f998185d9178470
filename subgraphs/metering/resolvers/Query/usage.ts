import { reportUsage } from '../../domain/reportUsage.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'

export const usage: QueryResolvers['usage'] = (_parent, args, context) => reportUsage(context, args)
