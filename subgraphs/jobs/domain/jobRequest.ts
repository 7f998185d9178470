import type { PodResources, TopologyRequest } from '../../../platform/link/protocol.ts'
import type { SubmitJobInput } from '../generated/resolvers.ts'
import type { JobClass } from './job.ts'

/** What a caller asks for, every default filled in; nothing is checked yet. */
export interface JobRequest {
  projectId: string
  /** The queue's name as users write it. */
  queue: string
  name: string
  image: string
  command: string[] | null
  env: { name: string; value: string }[]
  replicas: number
  /** Of an elastic job the fewest replicas that it runs with. */
  minCount: number | null
  resources: PodResources
  class: JobClass
  priorityClass: string | null
  preemptible: boolean
  maxRuntimeSeconds: number | null
  topology: TopologyRequest | null
  labels: { name: string; value: string }[]
}

/**
 * An explicit null means the same as leaving the field out. Decimals may arrive as numbers, because
 * GraphQL clients write `cpu: 2`; whether the text is a decimal is checked later.
 */
export function readRequest(input: SubmitJobInput): JobRequest {
  const { resources } = input
  const gpu = resources.gpu ?? null
  return {
    projectId: input.projectId,
    queue: input.queue,
    name: input.name,
    image: input.image,
    command: input.command ?? null,
    env: input.env ?? [],
    replicas: input.replicas ?? 1,
    minCount: input.minCount ?? null,
    resources: {
      cpu: String(resources.cpu ?? '1'),
      memoryMiB: resources.memoryMiB ?? 1024,
      gpu: gpu && {
        count: gpu.count ?? null,
        share: gpu.share === null || gpu.share === undefined ? null : String(gpu.share),
        memoryMiB: gpu.memoryMiB ?? null,
        models: gpu.models ?? [],
      },
    },
    class: input.class ?? 'TRAINING',
    priorityClass: input.priorityClass ?? null,
    preemptible: input.preemptible ?? true,
    maxRuntimeSeconds: input.maxRuntimeSeconds ?? null,
    topology: readTopology(input.topology),
    labels: input.labels ?? [],
  }
}

function readTopology(input: SubmitJobInput['topology']): TopologyRequest | null {
  const [required, preferred] = [input?.required ?? null, input?.preferred ?? null]
  return required === null && preferred === null ? null : { required, preferred }
}
