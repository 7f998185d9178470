import { Cluster } from './Cluster.ts'
import { Gpu } from './Gpu.ts'
import { createQueue } from './Mutation/createQueue.ts'
import { updateQueue } from './Mutation/updateQueue.ts'
import { NodePool } from './NodePool.ts'
import { clusters } from './Query/clusters.ts'
import { gpus } from './Query/gpus.ts'
import { nodePools } from './Query/nodePools.ts'
import { queue } from './Query/queue.ts'
import { queues } from './Query/queues.ts'
import { Queue } from './Queue.ts'
import { QueueEvent } from './QueueEvent.ts'
import { queueEvents } from './Subscription/queueEvents.ts'

export const resolvers = {
  Query: { clusters, gpus, nodePools, queue, queues },
  Mutation: { createQueue, updateQueue },
  Subscription: { queueEvents },
  Cluster,
  Gpu,
  NodePool,
  Queue,
  QueueEvent,
}
