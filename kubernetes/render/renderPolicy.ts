import type { SchedulingPolicyDirective } from '../../platform/link/protocol.ts'
import { annotations, SCHEDULING_POLICY } from '../names.ts'
import type { SchedulingPolicy } from '../objects.ts'

/** The cluster's one policy, with the generation of the wish, by which it is known again when it is observed. */
export function renderPolicy({ generation, spec }: SchedulingPolicyDirective): SchedulingPolicy {
  return {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'SchedulingPolicy',
    metadata: { name: SCHEDULING_POLICY, annotations: { [annotations.policyGeneration]: String(generation) } },
    spec,
  }
}
