import { annotations, GPU_RESOURCE } from '../../names.ts'
import type { Pod } from '../../objects.ts'
import { cpuMilli, memoryMiB, wholeUnits } from '../../quantity.ts'
import type { NodeState } from './nodes.ts'
import { millionths, type PodDevice } from './podDevices.ts'

export interface PodRequests {
  cpuMilli: number
  memoryMiB: number
}
export interface Rejection {
  reason: 'OutOfcpu' | 'OutOfmemory' | 'UnexpectedAdmissionError'
  message: string
}

/** What of a node is taken by the pods on it. */
export interface Usage extends PodRequests {
  /** Millionths held of a device. */
  heldOf(uuid: string): number
}

/**
 * Whether the kubelet lets a pod in that was bound to its node; null: it does.
 * @param unprepared why its claims could not be prepared
 */
export function admitPod(
  pod: Pod,
  devices: readonly PodDevice[] | null,
  { node, devices: nodeDevices }: NodeState,
  usage: Usage,
  unprepared: string | null = null,
): Rejection | null {
  const requests = requestsOf(pod)
  if (requests.cpuMilli + usage.cpuMilli > node.cpuMilli) {
    return { reason: 'OutOfcpu', message: outOf('cpu', requests.cpuMilli, usage.cpuMilli, node.cpuMilli) }
  }
  if (requests.memoryMiB + usage.memoryMiB > node.memoryMiB) {
    return { reason: 'OutOfmemory', message: outOf('memory', requests.memoryMiB, usage.memoryMiB, node.memoryMiB) }
  }
  if (devices === null) return unexpected(`the annotation ${annotations.devices} is no list of devices`)
  const mismatch = unprepared ?? mismatchOf(pod, devices)
  if (mismatch !== null) return unexpected(mismatch)
  for (const { uuid, index, share } of devices) {
    const device = nodeDevices.find((candidate) => candidate.uuid === uuid)
    if (device === undefined || device.index !== index) return unexpected(`the node has no device ${uuid} at ${index}`)
    if (usage.heldOf(uuid) + millionths(share) > 1_000_000) {
      return unexpected(`device ${uuid} has less than ${share} left`)
    }
  }
  return null
}

/** Scheduled requests: containers together, or the largest init container. */
export function requestsOf({ spec }: Pod): PodRequests {
  let [cpu, memory] = [0, 0]
  for (const container of spec?.containers ?? []) {
    const requests = requestOf(container)
    cpu += requests.cpuMilli
    memory += requests.memoryMiB
  }
  for (const container of spec?.initContainers ?? []) {
    const requests = requestOf(container)
    cpu = Math.max(cpu, requests.cpuMilli)
    memory = Math.max(memory, requests.memoryMiB)
  }
  return { cpuMilli: cpu, memoryMiB: memory }
}

type Container = NonNullable<Pod['spec']>['containers'][number]

function requestOf({ resources }: Container): PodRequests {
  const of = (name: string) => resources?.requests?.[name] ?? resources?.limits?.[name] ?? '0'
  return { cpuMilli: cpuMilli(of('cpu'), 'up'), memoryMiB: memoryMiB(of('memory'), 'up') }
}

/** The devices must be what the pod asked for. */
function mismatchOf({ spec, metadata }: Pod, devices: readonly PodDevice[]): string | null {
  let whole = 0
  for (const { resources } of spec?.containers ?? []) whole += wholeUnits(resources?.limits?.[GPU_RESOURCE] ?? '0')
  const share = metadata.annotations?.[annotations.gpuShare]
  const wanted = share === undefined ? Array.from({ length: whole }, () => 1_000_000) : [millionths(share)]
  // Claims have been compared with the devices already.
  if (spec?.resourceClaims?.length && whole === 0) return null
  const given = devices.map((device) => millionths(device.share))
  if (new Set(devices.map(({ uuid }) => uuid)).size !== devices.length) return 'a device is named twice'
  if (given.length === wanted.length && given.every((amount, index) => amount === wanted[index])) return null
  return `the pod asks for ${describe(wanted)}, its devices are ${describe(given)}`
}

function describe(amounts: number[]): string {
  return amounts.length === 0 ? 'no device' : amounts.map((amount) => amount / 1_000_000).join(' + ')
}

function outOf(resource: string, requested: number, used: number, capacity: number): string {
  return `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`
}

function unexpected(message: string): Rejection {
  return { reason: 'UnexpectedAdmissionError', message: `Pod was rejected: ${message}` }
}
