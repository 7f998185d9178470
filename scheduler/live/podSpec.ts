import { annotations, GPU_RESOURCE } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import { cpuMilli, memoryMiB, thousandths, wholeUnits } from '../../kubernetes/quantity.ts'
import type { DeviceRequest, PodClaim, PodRequest, Toleration } from '../model/gang.ts'
import { WHOLE_DEVICE } from '../model/node.ts'
import { hostPortName, isSize, type Others } from '../model/others.ts'
import type { PendingReason } from '../model/pending.ts'
import { unsupportedField } from './podFields.ts'
import { readNodeAffinity } from './readAffinity.ts'

type PodSpec = NonNullable<Pod['spec']>
type Container = PodSpec['containers'][number]
export interface PodTemplate {
  metadata?: { annotations?: Record<string, string> }
  spec?: PodSpec
}

/**
 * What a pod asks of the scheduler; or why it cannot be scheduled. A field is either known not to
 * matter for where a pod may run, or read here, or refused: nothing is ever ignored because it is new
 * (docs/scheduling-support.md lists them all).
 * @param path where the template stands in its object, for messages
 */
export function readPodRequest(template: PodTemplate, path: string): PodRequest | PendingReason {
  const spec = template.spec
  if (spec === undefined) return invalid(`${path}.spec is missing.`, 'Give the pod a spec.')
  const unsupported = unsupportedField(spec)
  if (unsupported !== null) return unsupportedReason(`${path}.spec.${unsupported}`)
  try {
    const requests = effectiveRequests(spec)
    const affinity = readNodeAffinity(spec.affinity ?? {})
    const claims = readPodClaims(spec)
    const gpu = readGpu(template.metadata?.annotations ?? {}, requests.gpus)
    if (gpu !== null && 'code' in gpu) return gpu
    if (gpu !== null && claims.length > 0)
      return invalid(
        'It asks for GPUs by claims and by a resource or annotation.',
        'Ask for all of them by resourceClaims.',
      )
    return {
      cpuMilli: requests.cpuMilli,
      memoryMiB: requests.memoryMiB,
      gpu,
      nodeSelector: spec.nodeSelector ?? {},
      tolerations: (spec.tolerations ?? []).filter(isOfTemplate).map(readToleration),
      ...(affinity && { affinity }),
      ...(requests.others && { others: requests.others }),
      ...(claims.length > 0 && { claims }),
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return invalid(
      `A quantity cannot be read: ${error.message}.`,
      'Write it as Kubernetes does, such as "500m" or "4Gi".',
    )
  }
}

function readPodClaims({ resourceClaims = [] }: PodSpec): PodClaim[] {
  return resourceClaims.map(({ name, resourceClaimName, resourceClaimTemplateName }) =>
    resourceClaimName === undefined
      ? { name, kind: 'ResourceClaimTemplate', object: resourceClaimTemplateName ?? '' }
      : { name, kind: 'ResourceClaim', object: resourceClaimName },
  )
}

/**
 * What the pod needs at its peak, as Kubernetes counts it: its containers and sidecars together, or an
 * init container beside the sidecars started before it, and the overhead of its runtime.
 */
export function effectiveRequests(spec: PodSpec): EffectiveRequests {
  const peak = (name: string, read: (quantity: string) => number) => {
    const of = ({ resources }: Container) => read(resources?.requests?.[name] ?? resources?.limits?.[name] ?? '0')
    let sidecars = 0
    let initPeak = 0
    for (const container of spec.initContainers ?? []) {
      if (container.restartPolicy === 'Always') sidecars += of(container)
      else initPeak = Math.max(initPeak, sidecars + of(container))
    }
    const running = sidecars + spec.containers.reduce((sum, container) => sum + of(container), 0)
    return Math.max(running, initPeak) + read(spec.overhead?.[name] ?? '0')
  }
  const others: Record<string, number> = hostPortsOf(spec)
  for (const name of otherNames(spec))
    others[name] = peak(name, isSize(name) ? (quantity) => memoryMiB(quantity, 'up') : wholeUnits)
  const asked = Object.entries(others).filter(([, amount]) => amount > 0)
  return {
    cpuMilli: peak('cpu', (quantity) => cpuMilli(quantity, 'up')),
    memoryMiB: peak('memory', (quantity) => memoryMiB(quantity, 'up')),
    gpus: peak(GPU_RESOURCE, wholeUnits),
    ...(asked.length > 0 && { others: Object.fromEntries(asked) }),
  }
}

interface EffectiveRequests {
  readonly cpuMilli: number
  readonly memoryMiB: number
  readonly gpus: number
  readonly others?: Others
}

const READ_BY_NAME: ReadonlySet<string> = new Set(['cpu', 'memory', GPU_RESOURCE])

function otherNames(spec: PodSpec): Set<string> {
  const names = new Set<string>(Object.keys(spec.overhead ?? {}))
  for (const { resources } of [...spec.containers, ...(spec.initContainers ?? [])])
    for (const list of [resources?.requests, resources?.limits]) for (const name in list) names.add(name)
  return names.difference(READ_BY_NAME)
}

/** Each is held once, whoever of its containers has it. */
function hostPortsOf(spec: PodSpec): Record<string, number> {
  const taken: Record<string, number> = {}
  for (const { ports } of [...spec.containers, ...(spec.initContainers ?? [])])
    for (const { hostPort, protocol } of ports ?? []) if (hostPort) taken[hostPortName(protocol ?? 'TCP', hostPort)] = 1
  return taken
}

/** The part of the request that annotations tell: shares, memory and models. */
function readGpu(told: Record<string, string>, gpus: number): DeviceRequest | PendingReason | null {
  const share = told[annotations.gpuShare]
  const memory = told[annotations.gpuMemoryMib]
  const models = (told[annotations.gpuModels] ?? '').split(',').map((model) => model.trim())
  const request = {
    memoryMiB: memory === undefined ? 0 : wholeUnits(memory),
    models: models.filter((model) => model !== ''),
  }
  if (share !== undefined) {
    if (gpus > 0) {
      return invalid(
        'It asks for whole GPUs and for a share of one.',
        `Leave out either ${GPU_RESOURCE} or ${annotations.gpuShare}.`,
      )
    }
    const asked = thousandths(share)
    if (asked < 1 || asked > WHOLE_DEVICE) {
      return invalid(`A share of ${share} GPU cannot be given.`, 'Ask for 0.001 to 1, or for whole GPUs.')
    }
    return { ...request, count: 1, thousandths: asked }
  }
  if (gpus > 0) return { ...request, count: gpus, thousandths: WHOLE_DEVICE }
  if (memory === undefined && request.models.length === 0) return null
  return invalid(
    'It names a GPU model or GPU memory, but asks for no GPU.',
    `Ask for ${GPU_RESOURCE} or ${annotations.gpuShare}.`,
  )
}

/**
 * Kubernetes adds to each pod that it may stay for a while on a node that has failed. Such a node takes no pods,
 * so that says nothing about where it may go; left out, a pod asks for what its template does.
 */
function isOfTemplate({ key, effect, tolerationSeconds }: NonNullable<PodSpec['tolerations']>[number]): boolean {
  return !(effect === 'NoExecute' && tolerationSeconds !== undefined && FAILED_NODE_TAINTS.has(key ?? ''))
}

const FAILED_NODE_TAINTS: ReadonlySet<string> = new Set([
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
])

function readToleration(toleration: NonNullable<PodSpec['tolerations']>[number]): Toleration {
  return {
    key: toleration.key ?? '',
    operator: toleration.operator === 'Exists' ? 'Exists' : 'Equal',
    value: toleration.value ?? '',
    effect: toleration.effect ?? '',
  }
}

export function unsupportedReason(path: string): PendingReason {
  return {
    code: 'UnsupportedField',
    message: `UnsupportedField(${path}): it would change where the pod may run, and Sluice cannot honour it yet.`,
    fix: `Leave out ${path}.`,
  }
}

export function invalid(message: string, fix: string): PendingReason {
  return { code: 'InvalidRequest', message, fix }
}
