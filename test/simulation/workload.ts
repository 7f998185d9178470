import { annotations, labels } from '../../kubernetes/names.ts'
import type { Job, Queue } from '../../kubernetes/objects.ts'
import type { SimulatedNode } from '../../kubernetes/simulated/kubelet/simulatedNode.ts'
import { gpuNode } from '../../kubernetes/simulated/testkit.ts'
import { jobOf } from '../../scheduler/testkit/stage.ts'

export const TENANTS = ['acme', 'umbra'] as const
/** No job asks for more in all, so each can start in the cluster and the tree as they are without disturbances. */
const MOST_GPUS = 8

export type Pick = <T>(of: readonly T[]) => T

export function picker(random: () => number): Pick {
  return (of) => of[Math.floor(random() * of.length)] as (typeof of)[number]
}

export function nodesOf(count: number): SimulatedNode[] {
  return Array.from({ length: count }, (_, index) => {
    const isOld = index > 1 && index % 2 === 1
    return {
      ...gpuNode,
      name: `gpu-${index}`,
      ...(isOld && { pool: 'a100', gpuModel: 'NVIDIA-A100', gpuMemoryMiB: 40_960 }),
    }
  })
}

/** Two branches below one root; what each lends and borrows is the seed's, and never too little for the largest job. */
export function queuesOf(random: () => number, nodes: number): Queue[] {
  const pick = picker(random)
  const gpus = nodes * gpuNode.gpuCount
  const nominals = ['team-a', 'team-b', 'lab-a', 'lab-b'].map(() => Math.floor(random() * (gpus / 4)))
  const root = queue('company', { quotas: [gpuQuota(Math.max(MOST_GPUS, gpus - nominals.reduce((a, b) => a + b)))] })
  const parents = pick([
    { 'team-a': 'company', 'team-b': 'company', 'lab-a': 'team-a', 'lab-b': 'team-a' },
    { 'team-a': 'company', 'team-b': 'team-a', 'lab-a': 'team-b', 'lab-b': 'company' },
  ] as const)
  const below = Object.entries(parents).map(([name, parent], index) => {
    const nominal = nominals[index] as number
    return queue(name, {
      parent,
      quotas: random() < 0.25 ? [] : [gpuQuota(nominal, random() < 0.3 ? Math.floor(random() * nominal) : null)],
      weight: pick(['1', '1', '2']),
      queueingStrategy: random() < 0.2 ? 'StrictFIFO' : 'BestEffortFIFO',
      ...(random() < 0.3 && { minRuntimeSeconds: pick([20, 60]) }),
    })
  })
  return [root, ...below, queue('default', { quotas: [] })]
}

function gpuQuota(nominal: number, lendingLimit: number | null = null): Queue['spec']['quotas'][number] {
  return {
    flavor: '*',
    resource: 'GPU',
    nominalQuota: String(nominal),
    ...(lendingLimit !== null && { lendingLimit: String(lendingLimit) }),
  }
}

function queue(name: string, spec: Queue['spec']): Queue {
  return { apiVersion: 'sluice.dev/v1alpha1', kind: 'Queue', metadata: { name }, spec }
}

const SHAPES = [
  { slots: 1, gpus: 1 },
  { slots: 1, gpus: 1 },
  { slots: 1, gpus: 4 },
  { slots: 2, gpus: 1 },
  { slots: 2, gpus: 4 },
  { slots: 4, gpus: 2 },
  { slots: 3, gpus: 1 },
  { slots: 1, share: '0.5' },
  { slots: 1, share: '0.3' },
  { slots: 2, share: '0.25' },
  { slots: 1 },
] as const

export function anyJob(random: () => number, number: number): Job {
  const pick = picker(random)
  const shape = pick(SHAPES)
  const runSeconds = pick([3, 15, 40, 90, 150])
  const isIndexed = random() < 0.8
  return jobOf({
    ...shape,
    namespace: pick(TENANTS),
    name: `job-${number}`,
    queue: pick(['team-a', 'team-b', 'lab-a', 'lab-b', 'default']),
    cpu: pick(['1', '2', '6']),
    runSeconds,
    stopSeconds: random() < 0.2 ? pick([5, 25]) : 0,
    exitCode: random() < 0.05 ? 1 : 0,
    annotations: {
      ...(isIndexed && shape.slots > 1 && random() < 0.5 && { [annotations.minCount]: '1' }),
      [annotations.class]: pick(['INFERENCE', 'INTERACTIVE', 'TRAINING', 'TRAINING', 'BATCH']),
      [annotations.preemptible]: random() < 0.85 ? 'true' : 'false',
    },
    spec: {
      completionMode: isIndexed ? 'Indexed' : 'NonIndexed',
      completions: shape.slots + (isIndexed || random() < 0.5 ? 0 : 2),
      parallelism: shape.slots,
      backoffLimit: 6,
      ...(random() < 0.6 && { activeDeadlineSeconds: runSeconds * 3 + 60 }),
    },
    pod: { terminationGracePeriodSeconds: 30, ...(random() < 0.1 && { preemptionPolicy: 'Never' }) },
  })
}

export function queueOf(job: Job): string {
  return job.metadata.labels?.[labels.queue] ?? ''
}
