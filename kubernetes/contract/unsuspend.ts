import { type Cluster, type JsonPatch, jsonPointer, type Ref } from '../cluster.ts'
import { annotations } from '../names.ts'
import type { Job } from '../objects.ts'

/** The epoch in which the suite decides; whoever connects to a cluster for it sees to it. */
export const CONTRACT_EPOCH = '1'

/** As the scheduler does it, in a tenant's namespace as in any other. */
export function unsuspend(cluster: Cluster, ref: Ref, epoch = CONTRACT_EPOCH): Promise<Job> {
  const patch: JsonPatch = [
    { op: 'replace', path: '/spec/suspend', value: false },
    { op: 'add', path: jsonPointer('metadata', 'annotations', annotations.epoch), value: epoch },
  ]
  return cluster.patch('Job', ref, patch)
}
