import type {
  JobDirective,
  NamespaceDirective,
  QueueDirective,
  SchedulingPolicyDirective,
} from '../../platform/link/protocol.ts'

export const namespaceDirective: NamespaceDirective = {
  namespace: 't-acme-research',
  tenantId: 'tenant_acme',
  tenantSlug: 'acme',
  projectId: 'project_research',
  projectSlug: 'research',
}

export const queueDirective: QueueDirective = { name: 'default', parent: null, tenantId: null, quotas: [], weight: '1' }

export const policyDirective: SchedulingPolicyDirective = {
  generation: 1,
  spec: {
    gangStart: { baseSeconds: 60, podsPerSecond: 15 },
    requeue: { firstBackoffSeconds: 10, lastBackoffSeconds: 600, avoidNodeSeconds: 60 },
    order: { agingSeconds: 3_600 },
    stops: [],
    highestClasses: [],
  },
}

/** job_1: one pod with one GPU for 30 s, in the queue `default`. */
export function jobDirective(wish: Partial<JobDirective> & { runSeconds?: number } = {}): JobDirective {
  const { runSeconds = 30, ...overrides } = wish
  return {
    jobId: 'job_1',
    tenantId: 'tenant_acme',
    projectId: 'project_research',
    namespace: 't-acme-research',
    objectName: 'train-1',
    queue: 'default',
    image: 'example.test/train:1',
    command: null,
    env: [{ name: 'SIM_RUN_SECONDS', value: String(runSeconds) }],
    replicas: 1,
    class: 'TRAINING',
    priorityClass: null,
    preemptible: true,
    maxRuntimeSeconds: null,
    labels: [],
    resources: { cpu: '1', memoryMiB: 1_024, gpu: { count: 1, share: null, memoryMiB: null, models: [] } },
    ...overrides,
  }
}
