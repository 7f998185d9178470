import { AdmissionPreview } from './AdmissionPreview.ts'
import { AdmittingChange } from './AdmittingChange.ts'
import { Cluster } from './Cluster.ts'
import { ClusterPolicy } from './ClusterPolicy.ts'
import { DefragmentationMove } from './DefragmentationMove.ts'
import { DefragmentationPlan } from './DefragmentationPlan.ts'
import { Gpu } from './Gpu.ts'
import { applySchedulingPolicy } from './Mutation/applySchedulingPolicy.ts'
import { createJoinToken } from './Mutation/createJoinToken.ts'
import { createQueue } from './Mutation/createQueue.ts'
import { createSchedulingPolicy } from './Mutation/createSchedulingPolicy.ts'
import { revokeJoinToken } from './Mutation/revokeJoinToken.ts'
import { rollBackSchedulingPolicy } from './Mutation/rollBackSchedulingPolicy.ts'
import { updateQueue } from './Mutation/updateQueue.ts'
import { NodePool } from './NodePool.ts'
import { PendingNumbers } from './PendingNumbers.ts'
import { PendingReason } from './PendingReason.ts'
import { ProspectNumbers } from './ProspectNumbers.ts'
import { admissionPreview } from './Query/admissionPreview.ts'
import { clusters } from './Query/clusters.ts'
import { defragmentationPlan } from './Query/defragmentationPlan.ts'
import { gpus } from './Query/gpus.ts'
import { joinTokens } from './Query/joinTokens.ts'
import { nodePools } from './Query/nodePools.ts'
import { queue } from './Query/queue.ts'
import { queues } from './Query/queues.ts'
import { schedulingPolicies } from './Query/schedulingPolicies.ts'
import { simulateScheduling } from './Query/simulateScheduling.ts'
import { Queue } from './Queue.ts'
import { QueueEvent } from './QueueEvent.ts'
import { QueueProspect } from './QueueProspect.ts'
import { QueueSample } from './QueueSample.ts'
import { SchedulingPolicy } from './SchedulingPolicy.ts'
import { SchedulingSimulation } from './SchedulingSimulation.ts'
import { queueEvents } from './Subscription/queueEvents.ts'

export const resolvers = {
  Query: {
    admissionPreview,
    clusters,
    defragmentationPlan,
    gpus,
    joinTokens,
    nodePools,
    queue,
    queues,
    schedulingPolicies,
    simulateScheduling,
  },
  Mutation: {
    applySchedulingPolicy,
    createJoinToken,
    createQueue,
    createSchedulingPolicy,
    revokeJoinToken,
    rollBackSchedulingPolicy,
    updateQueue,
  },
  Subscription: { queueEvents },
  AdmissionPreview,
  AdmittingChange,
  Cluster,
  ClusterPolicy,
  DefragmentationMove,
  DefragmentationPlan,
  Gpu,
  NodePool,
  PendingNumbers,
  PendingReason,
  ProspectNumbers,
  Queue,
  QueueEvent,
  QueueProspect,
  QueueSample,
  SchedulingPolicy,
  SchedulingSimulation,
}
