import type { Cluster } from '../kubernetes/cluster.ts'
import { type Informer, type InformerOptions, startInformer } from '../kubernetes/informer.ts'
import type { Log } from '../platform/log.ts'

/** Live copies of what the scheduler and the observer look at; shared, so that each kind is watched once. */
export interface Caches {
  jobs: Informer<'Job'>
  pods: Informer<'Pod'>
  nodes: Informer<'Node'>
  queues: Informer<'Queue'>
  policies: Informer<'SchedulingPolicy'>
  namespaces: Informer<'Namespace'>
  budgets: Informer<'PodDisruptionBudget'>
  volumeClaims: Informer<'PersistentVolumeClaim'>
  volumes: Informer<'PersistentVolume'>
  storageClasses: Informer<'StorageClass'>
  claims: Informer<'ResourceClaim'>
  claimTemplates: Informer<'ResourceClaimTemplate'>
  slices: Informer<'ResourceSlice'>
  classes: Informer<'DeviceClass'>
}

export function openCaches(cluster: Cluster, options: InformerOptions): Caches {
  return {
    namespaces: startInformer(cluster, 'Namespace', options),
    nodes: startInformer(cluster, 'Node', options),
    queues: startInformer(cluster, 'Queue', options),
    policies: startInformer(cluster, 'SchedulingPolicy', options),
    budgets: startInformer(cluster, 'PodDisruptionBudget', options),
    volumeClaims: startInformer(cluster, 'PersistentVolumeClaim', options),
    volumes: startInformer(cluster, 'PersistentVolume', options),
    storageClasses: startInformer(cluster, 'StorageClass', options),
    slices: startInformer(cluster, 'ResourceSlice', options),
    classes: startInformer(cluster, 'DeviceClass', options),
    claimTemplates: startInformer(cluster, 'ResourceClaimTemplate', options),
    claims: startInformer(cluster, 'ResourceClaim', options),
    jobs: startInformer(cluster, 'Job', options),
    pods: startInformer(cluster, 'Pod', options),
  }
}

/** Resolves when all of them are complete. */
export async function startCaches(cluster: Cluster, log: Log): Promise<Caches> {
  const caches = openCaches(cluster, { log })
  await whenComplete(caches)
  return caches
}

export async function whenComplete(caches: Caches): Promise<void> {
  await Promise.all(Object.values(caches).map((cache) => cache.synced))
}

/** Resolves when all of them are as the cluster is by now. */
export async function relistCaches(caches: Caches): Promise<void> {
  await Promise.all(Object.values(caches).map((cache) => cache.relist()))
}

export async function stopCaches(caches: Caches): Promise<void> {
  await Promise.all(Object.values(caches).map((cache) => cache.stop()))
}
