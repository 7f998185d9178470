import { assert, expect, test } from 'vitest'
import { type Cluster, ClusterError } from './cluster.ts'
import { installPlatform } from './installPlatform.ts'
import { annotations } from './names.ts'
import type { Job } from './objects.ts'

const soon = { withinMs: 50, pollMs: 1 }

/** A cluster that serves Queues and acts by its policies only after it was asked some times in vain. */
function slowCluster(vainAsks: { queues: number; policies: number }): { cluster: Cluster; applied: string[] } {
  const applied: string[] = []
  let { queues, policies } = vainAsks
  const cluster: Partial<Cluster> = {
    async apply(kind, object) {
      applied.push(`${kind} ${object.metadata.name}`)
      return object
    },
    async list() {
      if (queues-- > 0) throw new ClusterError('NOT_FOUND', 'the server could not find the requested resource')
      return { items: [], resourceVersion: '1' }
    },
    async create(kind, object, options) {
      if (kind === 'SchedulingPolicy') {
        applied.push(`new ${kind} ${object.metadata.name}`)
        throw new ClusterError('ALREADY_EXISTS', 'it is its operator’s')
      }
      assert.isTrue(options?.dryRun)
      const { metadata, spec } = object as Job
      const suspended = { ...object, spec: { ...spec, suspend: true, podReplacementPolicy: 'Failed' } }
      // As where an earlier release is installed: one of them acts, and not yet the others.
      if (policies-- > 0) return suspended as never
      return { ...suspended, metadata: { ...metadata, annotations: { [annotations.createdBy]: 'admin' } } } as never
    },
  }
  return { cluster: cluster as Cluster, applied }
}

test('waits until Queues are served and the policies act', async () => {
  const { cluster, applied } = slowCluster({ queues: 3, policies: 3 })
  await installPlatform(cluster, { withinMs: 5_000, pollMs: 1 })
  expect(applied).toEqual([
    'Namespace sluice-system',
    'Namespace sluice-admission-probe',
    'PriorityClass sluice-inference',
    'PriorityClass sluice-interactive',
    'PriorityClass sluice-training',
    'PriorityClass sluice-batch',
    'CustomResourceDefinition queues.sluice.dev',
    'CustomResourceDefinition schedulingpolicies.sluice.dev',
    'ValidatingAdmissionPolicy job-edits-are-honest.sluice.dev',
    'ValidatingAdmissionPolicy pods-are-not-forged.sluice.dev',
    'ValidatingAdmissionPolicy agent-only-tries-pods.sluice.dev',
    'ValidatingAdmissionPolicy agent-only-deletes-pods-of-groups.sluice.dev',
    'ValidatingAdmissionPolicy writes-carry-the-epoch.sluice.dev',
    'ValidatingAdmissionPolicyBinding job-edits-are-honest.sluice.dev',
    'ValidatingAdmissionPolicyBinding pods-are-not-forged.sluice.dev',
    'ValidatingAdmissionPolicyBinding agent-only-tries-pods.sluice.dev',
    'ValidatingAdmissionPolicyBinding agent-only-deletes-pods-of-groups.sluice.dev',
    'ValidatingAdmissionPolicyBinding writes-carry-the-epoch.sluice.dev',
    'MutatingAdmissionPolicy pods-scheduled-and-metered.sluice.dev',
    'MutatingAdmissionPolicy cronjobs-keep-their-author.sluice.dev',
    'MutatingAdmissionPolicy jobs-enter-suspended.sluice.dev',
    'MutatingAdmissionPolicyBinding pods-scheduled-and-metered.sluice.dev',
    'MutatingAdmissionPolicyBinding cronjobs-keep-their-author.sluice.dev',
    'MutatingAdmissionPolicyBinding jobs-enter-suspended.sluice.dev',
    'new SchedulingPolicy default',
  ])
})

test('does not wait for ever, and says for what it waited', async () => {
  const deaf = slowCluster({ queues: Number.POSITIVE_INFINITY, policies: 0 })
  await expect(installPlatform(deaf.cluster, soon)).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: expect.stringContaining('Queue resource'),
  })
  const lax = slowCluster({ queues: 0, policies: Number.POSITIVE_INFINITY })
  await expect(installPlatform(lax.cluster, soon)).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: expect.stringContaining('policies'),
  })
})

test('lets every other refusal rise', async () => {
  const { cluster } = slowCluster({ queues: 0, policies: 0 })
  cluster.list = async () => {
    throw new ClusterError('FORBIDDEN', 'no')
  }
  await expect(installPlatform(cluster, soon)).rejects.toMatchObject({ code: 'FORBIDDEN' })
})
