import { annotations, GPU_RESOURCE } from '../../kubernetes/names.ts'
import type { Job } from '../../kubernetes/objects.ts'
import { cpuMilli, memoryMiB, wholeUnits } from '../../kubernetes/quantity.ts'
import type { GpuRequest, PodResources } from '../../platform/link/protocol.ts'
import { amountIn, countIn, shareIn, textIn } from './claims.ts'

type PodTemplate = NonNullable<Job['spec']>['template']

/** More models than any cluster has are not listed. */
const MAX_MODELS = 16

/** What each pod of a Job asks for, by its first container and the template's annotations. */
export function requestedResources(template: PodTemplate | undefined): PodResources {
  const { requests = {}, limits = {} } = template?.spec?.containers[0]?.resources ?? {}
  // A limit alone is a request too, but only in pods does the API server write it down.
  return {
    cpu: String(amountIn(requests.cpu ?? limits.cpu, cpuMilli) / 1000),
    memoryMiB: amountIn(requests.memory ?? limits.memory, memoryMiB),
    gpu: requestedGpu(limits[GPU_RESOURCE], template?.metadata?.annotations ?? {}),
  }
}

function requestedGpu(limit: string | undefined, told: Readonly<Record<string, string>>): GpuRequest | null {
  const count = amountIn(limit, wholeUnits)
  const share = shareIn(told[annotations.gpuShare])
  const memory = countIn(told[annotations.gpuMemoryMib])
  if (count === 0 && share === null && memory === null) return null
  const models = textIn(told[annotations.gpuModels])?.split(',') ?? []
  return {
    count: count > 0 ? count : null,
    share,
    memoryMiB: memory,
    models: models
      .map((model) => model.trim())
      .filter((model) => model !== '')
      .slice(0, MAX_MODELS),
  }
}
