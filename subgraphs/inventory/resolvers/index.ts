import { Cluster } from './Cluster.ts'
import { Gpu } from './Gpu.ts'
import { createJoinToken } from './Mutation/createJoinToken.ts'
import { createQueue } from './Mutation/createQueue.ts'
import { revokeJoinToken } from './Mutation/revokeJoinToken.ts'
import { updateQueue } from './Mutation/updateQueue.ts'
import { NodePool } from './NodePool.ts'
import { clusters } from './Query/clusters.ts'
import { gpus } from './Query/gpus.ts'
import { joinTokens } from './Query/joinTokens.ts'
import { nodePools } from './Query/nodePools.ts'
import { queue } from './Query/queue.ts'
import { queues } from './Query/queues.ts'
import { Queue } from './Queue.ts'
import { QueueEvent } from './QueueEvent.ts'
import { QueueSample } from './QueueSample.ts'
import { queueEvents } from './Subscription/queueEvents.ts'

export const resolvers = {
  Query: { clusters, gpus, joinTokens, nodePools, queue, queues },
  Mutation: { createJoinToken, createQueue, revokeJoinToken, updateQueue },
  Subscription: { queueEvents },
  Cluster,
  Gpu,
  NodePool,
  Queue,
  QueueEvent,
  QueueSample,
}
