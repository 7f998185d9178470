import { amountOf, describeChange } from '../domain/describeChange.ts'
import type { AdmittingChangeResolvers } from '../generated/resolvers.ts'
import { queueByObjectNameLoader } from '../loaders.ts'

export const AdmittingChange: AdmittingChangeResolvers = {
  message: describeChange,
  amount: amountOf,
  model: (change) => (change.kind === 'OTHER_MODEL' ? change.model : null),
  queue: (change, _args, context) => ('queue' in change ? queueByObjectNameLoader(context).load(change.queue) : null),
  flavor: (change) => (change.kind === 'MORE_QUOTA' ? change.flavor : null),
  resource: (change) => (change.kind === 'MORE_QUOTA' ? change.resource : null),
}
