import { setTimeout as sleep } from 'node:timers/promises'
import { type Cluster, ClusterError } from './cluster.ts'
import { queueCrd } from './crds/queues.ts'
import { defaultSchedulingPolicy, schedulingPolicyCrd } from './crds/schedulingPolicies.ts'
import { annotations, labels, SYSTEM_NAMESPACE } from './names.ts'
import type { Job, Kind, Kinds, Namespace } from './objects.ts'
import {
  mutatingPolicies,
  mutatingPolicyBindings,
  validatingPolicies,
  validatingPolicyBindings,
} from './policies/admissionPolicies.ts'
import { priorityClasses } from './policies/priorityClasses.ts'

/** Counts as a tenant's to the policies, holds nothing, and lets a dry run tell whether they act. */
const PROBE_NAMESPACE = 'sluice-admission-probe'

/** What is applied, in this order: whoever sees Jobs come in suspended knows that every policy before acts too. */
export const platformObjects: readonly Kinds[Kind][] = [
  namespace(SYSTEM_NAMESPACE),
  namespace(PROBE_NAMESPACE, { [labels.tenant]: 'nobody' }),
  ...priorityClasses,
  queueCrd,
  schedulingPolicyCrd,
  ...validatingPolicies,
  ...validatingPolicyBindings,
  ...mutatingPolicies,
  ...mutatingPolicyBindings,
]

export interface InstallOptions {
  /** For the CRD to be served and the policies to act, each. */
  withinMs: number
  pollMs: number
}
const DEFAULTS: InstallOptions = { withinMs: 30_000, pollMs: 100 }

/**
 * Everything Sluice needs in a cluster, applied: system namespace, priority classes, CRDs, admission
 * policies; and a scheduling policy where there is none. Harmless when it is there already. Resolves once
 * the CRDs are served and the policies act: a Job created before that would run without the scheduler.
 * @throws ClusterError of the server, or TIMEOUT where one of the two does not happen in time
 */
export async function installPlatform(cluster: Cluster, options: InstallOptions = DEFAULTS): Promise<void> {
  for (const object of platformObjects) await cluster.apply(object.kind as Kind, object)
  await platformActs(cluster, options)
  await createSchedulingPolicy(cluster)
}

/** One that is there is its operator's. */
async function createSchedulingPolicy(cluster: Cluster): Promise<void> {
  try {
    await cluster.create('SchedulingPolicy', defaultSchedulingPolicy)
  } catch (error) {
    if (!(error instanceof ClusterError && error.code === 'ALREADY_EXISTS')) throw error
  }
}

/**
 * As installPlatform, for whoever may not change policies, as an agent by its own account: what an
 * administrator has installed is then taken as it is.
 */
export async function ensurePlatform(cluster: Cluster, options: InstallOptions = DEFAULTS): Promise<void> {
  try {
    await installPlatform(cluster, options)
  } catch (error) {
    if (!(error instanceof ClusterError && error.code === 'FORBIDDEN')) throw error
    await platformActs(cluster, options)
  }
}

async function platformActs(cluster: Cluster, options: InstallOptions): Promise<void> {
  await until('the Queue resource is served', () => isServed(cluster, 'Queue'), options)
  await until('the SchedulingPolicy resource is served', () => isServed(cluster, 'SchedulingPolicy'), options)
  await until('the admission policies act', () => doPoliciesAct(cluster), options)
}

function namespace(name: string, own: Record<string, string> = {}): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: own } }
}

async function isServed(cluster: Cluster, kind: Kind): Promise<boolean> {
  try {
    await cluster.list(kind, { limit: 1 })
    return true
  } catch (error) {
    if (error instanceof ClusterError && error.code === 'NOT_FOUND') return false
    throw error
  }
}

/** One sign of each policy for Jobs: where an earlier release is installed, some act already. */
async function doPoliciesAct(cluster: Cluster): Promise<boolean> {
  const { metadata, spec } = await cluster.create('Job', probeJob, { dryRun: true })
  const hasDefaults = metadata.annotations?.[annotations.createdBy] !== undefined
  return hasDefaults && spec?.suspend === true && spec.podReplacementPolicy === 'Failed'
}

const probeJob: Job = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'probe', namespace: PROBE_NAMESPACE },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'probe', image: 'probe' }] } } },
}

async function until(what: string, holds: () => Promise<boolean>, { withinMs, pollMs }: InstallOptions): Promise<void> {
  const attempts = Math.ceil(withinMs / pollMs)
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (await holds()) return
    await sleep(pollMs)
  }
  throw new ClusterError('TIMEOUT', `waited ${withinMs / 1000} s in vain until ${what}`)
}
