import type { AttributeValue } from './node.ts'
import type { NodeAffinity } from './nodeAffinity.ts'
import { migThousandths, type Others } from './others.ts'
import type { PodRules } from './podRules.ts'
import type { TopologyRequest } from './topology.ts'

/** What a job asks for: so many slots, each for a pod like this, all or none; or so many at least. */
export interface Gang {
  /** Equal for gangs that ask the same, whoever asks. */
  readonly key: string
  /** Equal for gangs of such pods, however many. */
  readonly podKey: string
  readonly slots: number
  /** Of an elastic gang, which starts with as many as it can have: more than `slots`. Absent: it takes no more than those. */
  readonly most?: number
  readonly pod: PodRequest
  /** Absent: it does not matter how near to one another its pods are. */
  readonly topology?: TopologyRequest
  /** Its pods had better be on many nodes than on few: one that is lost then takes few of them. */
  readonly isSpread?: boolean
}

export interface PodRequest {
  readonly cpuMilli: number
  readonly memoryMiB: number
  readonly gpu: DeviceRequest | null
  readonly nodeSelector: Readonly<Record<string, string>>
  readonly tolerations: readonly Toleration[]
  /** Absent: any node that the selector allows. */
  readonly affinity?: NodeAffinity
  /** Absent: nothing else. */
  readonly others?: Others
  /** Absent: no pod has to do with any other. */
  readonly rules?: PodRules
  /** Of the pod; absent or empty: its devices are not given by claims. */
  readonly claims?: readonly PodClaim[]
}

/** A claim that a pod names, or the template that one is made from for each pod. */
export interface PodClaim {
  readonly name: string
  readonly kind: 'ResourceClaim' | 'ResourceClaimTemplate'
  readonly object: string
}

/** Either `count` whole devices, or a share of one. */
export interface DeviceRequest {
  readonly count: number
  /** Of each device; below WHOLE_DEVICE only where count is 1. */
  readonly thousandths: number
  /** Memory that each device must give, 0 for as much as the share of it comes to. */
  readonly memoryMiB: number
  /** Empty: any. */
  readonly models: readonly string[]
  /** Of devices that are given by claims: what each of them must be. Absent: they are not. */
  readonly attributes?: readonly DeviceAttribute[]
}

export interface DeviceAttribute {
  /** As ClaimableDevice names them. */
  readonly name: string
  readonly value: AttributeValue
}

export interface Toleration {
  /** Empty with operator Exists: every key. */
  readonly key: string
  readonly operator: 'Exists' | 'Equal'
  readonly value: string
  /** Empty: every effect. */
  readonly effect: string
}

export function gangOf(
  slots: number,
  pod: PodRequest,
  topology?: TopologyRequest,
  isSpread = false,
  most: number = slots,
): Gang {
  const selector = Object.entries(pod.nodeSelector).sort(([a], [b]) => (a < b ? -1 : 1))
  const { gpu } = pod
  const devices = gpu && [gpu.count, gpu.thousandths, gpu.memoryMiB, [...gpu.models].sort(), gpu.attributes]
  const tolerations = pod.tolerations.map((t) => [t.key, t.operator, t.value, t.effect].join('\n')).sort()
  const claims = pod.claims?.map(({ kind, object }) => `${kind}/${object}`)
  const usual = [pod.cpuMilli, pod.memoryMiB, devices, selector, tolerations, claims]
  const others = pod.others && Object.entries(pod.others).sort(([a], [b]) => (a < b ? -1 : 1))
  const isUsual = pod.affinity === undefined && others === undefined && pod.rules === undefined
  const podKey = JSON.stringify(isUsual ? usual : [...usual, pod.affinity ?? null, others ?? null, pod.rules ?? null])
  const counts = most > slots ? { slots, most } : { slots }
  const key = `${most > slots ? `${slots}-${most}` : slots} ${podKey}`
  if (topology === undefined && !isSpread) return { key, podKey, ...counts, pod }
  const about = { ...(topology && { topology }), ...(isSpread && { isSpread }) }
  return { key: `${key} ${JSON.stringify(about)}`, podKey, ...counts, pod, ...about }
}

/** An elastic gang at one size: exactly so many slots. */
export function atSize({ most: _, ...gang }: Gang, slots: number): Gang {
  return { ...gang, key: `${slots} of ${gang.key}`, slots }
}

/** Slots that it would have, were there room for all. */
export function wishedSlots({ slots, most = slots }: Gang): number {
  return most
}

/** Thousandths of a GPU that one pod asks, in MIG instances too. */
export function gpuThousandths({ gpu, others }: PodRequest): number {
  const devices = gpu === null ? 0 : gpu.count * gpu.thousandths
  return others === undefined ? devices : devices + migThousandths(others)
}
