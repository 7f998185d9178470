import type {
  CoreV1Event,
  ResourceV1ResourceClaim,
  V1ConfigMap,
  V1CustomResourceDefinition,
  V1DeviceClass,
  V1Job,
  V1Lease,
  V1MutatingAdmissionPolicy,
  V1MutatingAdmissionPolicyBinding,
  V1Namespace,
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1PriorityClass,
  V1ResourceClaimTemplate,
  V1ResourceQuota,
  V1ResourceSlice,
  V1Secret,
  V1StorageClass,
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
} from '@kubernetes/client-node'
import type { ShareEnforcement } from './names.ts'

/** The client's types as they travel in JSON: its Date fields are RFC 3339 strings on the wire. */
export type Wire<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Wire<T[K]> } : T

export interface ObjectMeta {
  name?: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
  ownerReferences?: {
    apiVersion: string
    kind: string
    name: string
    uid: string
    controller?: boolean
    blockOwnerDeletion?: boolean
  }[]
}

type WithMeta<T> = Omit<Wire<T>, 'metadata'> & { metadata: ObjectMeta }

/** Custom resource `queues.sluice.dev` (cluster-scoped): a node of the queue tree. */
export interface Queue {
  apiVersion: 'sluice.dev/v1alpha1'
  kind: 'Queue'
  metadata: ObjectMeta
  spec: QueueSpec
  status?: QueueStatus
}
export interface QueueSpec {
  /** Name of the parent Queue; absent at a root. */
  parent?: string
  /** Tenant whose jobs may use it; absent: shared. */
  tenantId?: string
  /** Empty: bounded by the ancestors alone. */
  quotas: QueueQuota[]
  /** Share among siblings, default 1. */
  weight?: string
  /** Whether a job that finds no room lets those behind it try; default BestEffortFIFO. */
  queueingStrategy?: 'BestEffortFIFO' | 'StrictFIFO'
  /** Hold admits nothing here and below; HoldAndDrain also stops what runs. Default None. */
  stopPolicy?: 'None' | 'Hold' | 'HoldAndDrain'
  /** How long its jobs run before they may be stopped for others; default 0. */
  minRuntimeSeconds?: number
  /** When a job goes on to a flavor that its queue prefers less; flavors are preferred in the order of quotas. */
  flavorFungibility?: {
    /** TryNextFlavor: flavors in which nothing need be borrowed come first. Default MayStopSearch. */
    whenCanBorrow?: 'MayStopSearch' | 'TryNextFlavor'
    /** MayStopSearch: others are stopped in a flavor before the next one is tried. Default TryNextFlavor. */
    whenCanPreempt?: 'MayStopSearch' | 'TryNextFlavor'
  }
  /** Of a root: how old usage is when half of it counts in the shares of its tree; absent: only what is held counts. */
  usageHalfLifeSeconds?: number
}
export interface QueueQuota {
  /** Node pool; '*' is any. */
  flavor: string
  resource: 'GPU' | 'CPU' | 'MEMORY'
  /** Decimal: GPUs, cores or MiB. */
  nominalQuota: string
  borrowingLimit?: string
  lendingLimit?: string
}
export interface QueueStatus {
  observedGeneration?: number
  pending: number
  admitted: number
  /** Decimals of GPUs. */
  usedGpus: string
  pendingGpus: string
  /** Sum of its GPU quotas; absent where it has none. */
  nominalGpus?: string
  /** What it and the queues below hold beyond its GPU quotas. */
  borrowedGpus?: string
  /** What its jobs had on average of late, where its tree has a half-life: as it was at `at`. */
  pastUsage?: { at: string; flavors: PastUsageOfFlavor[] }
  conditions?: Condition[]
}
/** Decimals: GPUs, cores, MiB. */
export interface PastUsageOfFlavor {
  flavor: string
  gpus: string
  cpu: string
  memory: string
}
/** Custom resource `schedulingpolicies.sluice.dev` (cluster-scoped, one object `default`): how patient the scheduler is. */
export interface SchedulingPolicy {
  apiVersion: 'sluice.dev/v1alpha1'
  kind: 'SchedulingPolicy'
  metadata: ObjectMeta
  spec: SchedulingPolicySpec
  status?: { observedGeneration?: number; conditions?: Condition[] }
}
export interface SchedulingPolicySpec {
  /** How long all pods of an admitted gang may take to be created: baseSeconds + pods ÷ podsPerSecond. */
  gangStart: { baseSeconds: number; podsPerSecond: number }
  /** After a gang had to be suspended again. */
  requeue: { firstBackoffSeconds: number; lastBackoffSeconds: number; avoidNodeSeconds: number }
  /** How long a job waits at most behind others of higher priority; absent in a policy of an earlier release. */
  order?: { agingSeconds: number }
  /** Nodes that get no new pods: one, those of a pool, or where neither is named all; HoldAndDrain stops what runs there. */
  stops?: { node?: string; pool?: string; stopPolicy: 'Hold' | 'HoldAndDrain' }[]
  /** Highest class that jobs of a tenant may have; without tenantId, or where it is empty: of all tenants that have no row of their own. */
  highestClasses?: { tenantId?: string; class: 'INFERENCE' | 'INTERACTIVE' | 'TRAINING' | 'BATCH' }[]
  /** How near nodes are to one another, outermost level first; absent: nobody can ask for it. */
  topology?: { levels: { name: string; nodeLabel: string }[] }
  /** What has to keep shares of a device to their size; absent or empty: nothing has to. */
  shares?: { requireEnforcement?: ShareEnforcement[] }
}

/** As metav1.Condition. */
export interface Condition {
  type: string
  status: 'True' | 'False'
  reason: string
  message: string
  lastTransitionTime: string
  observedGeneration?: number
}

/** Every kind that goes over the port, by kind name. */
export interface Kinds {
  Job: WithMeta<V1Job>
  Pod: WithMeta<V1Pod>
  Node: WithMeta<V1Node>
  Namespace: WithMeta<V1Namespace>
  ConfigMap: WithMeta<V1ConfigMap>
  Secret: WithMeta<V1Secret>
  ResourceQuota: WithMeta<V1ResourceQuota>
  Lease: WithMeta<V1Lease>
  Event: WithMeta<CoreV1Event>
  PodDisruptionBudget: WithMeta<V1PodDisruptionBudget>
  PersistentVolumeClaim: WithMeta<V1PersistentVolumeClaim>
  PersistentVolume: WithMeta<V1PersistentVolume>
  StorageClass: WithMeta<V1StorageClass>
  PriorityClass: WithMeta<V1PriorityClass>
  ResourceClaim: WithMeta<ResourceV1ResourceClaim>
  ResourceClaimTemplate: WithMeta<V1ResourceClaimTemplate>
  ResourceSlice: WithMeta<V1ResourceSlice>
  DeviceClass: WithMeta<V1DeviceClass>
  CustomResourceDefinition: WithMeta<V1CustomResourceDefinition>
  MutatingAdmissionPolicy: WithMeta<V1MutatingAdmissionPolicy>
  MutatingAdmissionPolicyBinding: WithMeta<V1MutatingAdmissionPolicyBinding>
  ValidatingAdmissionPolicy: WithMeta<V1ValidatingAdmissionPolicy>
  ValidatingAdmissionPolicyBinding: WithMeta<V1ValidatingAdmissionPolicyBinding>
  Queue: Queue
  SchedulingPolicy: SchedulingPolicy
}
export type Kind = keyof Kinds
export type Job = Kinds['Job']
export type Pod = Kinds['Pod']
export type Node = Kinds['Node']
export type Namespace = Kinds['Namespace']
export type PodDisruptionBudget = Kinds['PodDisruptionBudget']
export type ResourceClaim = Kinds['ResourceClaim']
export type ResourceClaimTemplate = Kinds['ResourceClaimTemplate']
export type ResourceSlice = Kinds['ResourceSlice']
export type DeviceClass = Kinds['DeviceClass']

/** Where each kind is served. */
export const resources: { [K in Kind]: { apiVersion: string; plural: string; namespaced: boolean } } = {
  Job: { apiVersion: 'batch/v1', plural: 'jobs', namespaced: true },
  Pod: { apiVersion: 'v1', plural: 'pods', namespaced: true },
  Node: { apiVersion: 'v1', plural: 'nodes', namespaced: false },
  Namespace: { apiVersion: 'v1', plural: 'namespaces', namespaced: false },
  ConfigMap: { apiVersion: 'v1', plural: 'configmaps', namespaced: true },
  Secret: { apiVersion: 'v1', plural: 'secrets', namespaced: true },
  ResourceQuota: { apiVersion: 'v1', plural: 'resourcequotas', namespaced: true },
  Lease: { apiVersion: 'coordination.k8s.io/v1', plural: 'leases', namespaced: true },
  Event: { apiVersion: 'v1', plural: 'events', namespaced: true },
  PersistentVolumeClaim: { apiVersion: 'v1', plural: 'persistentvolumeclaims', namespaced: true },
  PersistentVolume: { apiVersion: 'v1', plural: 'persistentvolumes', namespaced: false },
  StorageClass: { apiVersion: 'storage.k8s.io/v1', plural: 'storageclasses', namespaced: false },
  PodDisruptionBudget: { apiVersion: 'policy/v1', plural: 'poddisruptionbudgets', namespaced: true },
  ResourceClaim: { apiVersion: 'resource.k8s.io/v1', plural: 'resourceclaims', namespaced: true },
  ResourceClaimTemplate: { apiVersion: 'resource.k8s.io/v1', plural: 'resourceclaimtemplates', namespaced: true },
  ResourceSlice: { apiVersion: 'resource.k8s.io/v1', plural: 'resourceslices', namespaced: false },
  DeviceClass: { apiVersion: 'resource.k8s.io/v1', plural: 'deviceclasses', namespaced: false },
  PriorityClass: { apiVersion: 'scheduling.k8s.io/v1', plural: 'priorityclasses', namespaced: false },
  CustomResourceDefinition: {
    apiVersion: 'apiextensions.k8s.io/v1',
    plural: 'customresourcedefinitions',
    namespaced: false,
  },
  MutatingAdmissionPolicy: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    plural: 'mutatingadmissionpolicies',
    namespaced: false,
  },
  MutatingAdmissionPolicyBinding: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    plural: 'mutatingadmissionpolicybindings',
    namespaced: false,
  },
  ValidatingAdmissionPolicy: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    plural: 'validatingadmissionpolicies',
    namespaced: false,
  },
  ValidatingAdmissionPolicyBinding: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    plural: 'validatingadmissionpolicybindings',
    namespaced: false,
  },
  Queue: { apiVersion: 'sluice.dev/v1alpha1', plural: 'queues', namespaced: false },
  SchedulingPolicy: { apiVersion: 'sluice.dev/v1alpha1', plural: 'schedulingpolicies', namespaced: false },
}
