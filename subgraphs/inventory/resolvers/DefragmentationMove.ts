import type { NodePods } from '../../../scheduler/whatif/questions.ts'
import type { DefragmentationMoveResolvers } from '../generated/resolvers.ts'
import { queueByObjectNameLoader } from '../loaders.ts'

export const DefragmentationMove: DefragmentationMoveResolvers = {
  queue: ({ queue }, _args, context) => queueByObjectNameLoader(context).load(queue),
  from: ({ from }) => from.map(named),
  to: ({ to }) => to.map(named),
}

function named({ node, pods }: NodePods): { name: string; pods: number } {
  return { name: node, pods }
}
