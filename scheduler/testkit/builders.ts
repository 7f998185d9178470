import { type DeviceRequest, gangOf, type PodRequest } from '../model/gang.ts'
import type { PendingJob } from '../model/job.ts'
import { type NodeSpec, type NodeState, nodeUnder, WHOLE_DEVICE } from '../model/node.ts'
import { type Amounts, ANY_FLAVOR, QUEUE_DEFAULTS, type QueueSpec } from '../model/queue.ts'
import { amountsOf, type RunningJob } from '../model/running.ts'
import { LiveSnapshot } from '../model/snapshot.ts'
import type { Plan } from '../plan/plan.ts'
import { end, resume } from '../whatif/comesTrue.ts'

export { carryOut, end, resume } from '../whatif/comesTrue.ts'

/** A node with `gpus` healthy devices of 80 GiB; everything can be said otherwise. */
export function aNode(name: string, options: Partial<NodeSpec> & { gpus?: number; model?: string } = {}): NodeState {
  const { gpus = 8, model = 'A100', ...spec } = options
  const devices = Array.from({ length: gpus }, (_, index) => {
    return { index, uuid: `GPU-${name}-${index}`, model, memoryMiB: 81920, healthy: true }
  })
  const rest = { accepting: true, labels: {}, taints: [], deviceControl: 'SIMULATED' as const }
  const size = { cpuMilli: 96_000, memoryMiB: 1_000_000, pods: 110 }
  return nodeUnder({ name, flavor: 'a100', ...rest, ...size, devices, ...spec }, [])
}

/** The node with this much of its devices taken, in thousandths by position. */
export function withUsed(node: NodeState, used: readonly number[]): NodeState {
  const holdings = used.flatMap((thousandths, position) => {
    const devices = [node.spec.devices[position]?.index ?? position]
    return thousandths > 0 ? [{ cpuMilli: 0, memoryMiB: 0, gpu: { devices, thousandths, memoryMiB: 0 } }] : []
  })
  return nodeUnder(node.spec, holdings)
}

export function aPod(options: Partial<PodRequest> & { gpus?: number; share?: number } = {}): PodRequest {
  const { gpus = 0, share, ...rest } = options
  const gpu: DeviceRequest | null =
    share !== undefined
      ? { count: 1, thousandths: share, memoryMiB: 0, models: [] }
      : gpus > 0
        ? { count: gpus, thousandths: WHOLE_DEVICE, memoryMiB: 0, models: [] }
        : null
  return { cpuMilli: 1000, memoryMiB: 1024, gpu, nodeSelector: {}, tolerations: [], ...rest }
}

/** A job in the queue "default"; jobs made later come later. */
export function aJob(
  uid: string,
  pod: PodRequest,
  options: Partial<PendingJob> & { slots?: number; most?: number } = {},
): PendingJob {
  const { slots = 1, most, ...rest } = options
  const demand = gangOf(slots, pod, undefined, false, most)
  const turn = {
    priority: 100,
    createdMs: made++,
    notBeforeMs: 0,
    mayPreempt: true,
    nomination: null,
    maxRuntimeMs: null,
    graceMs: 0,
  }
  return { uid, queue: 'default', tenantId: 'acme', ...turn, demand, ...rest }
}
let made = 0

/** GPUs, in whole ones; `null` limits are no limits. */
export function aQueue(
  name: string,
  options: {
    parent?: string
    tenantId?: string
    nominal?: number
    borrowing?: number
    lending?: number
    flavor?: string
    strategy?: QueueSpec['strategy']
    stopPolicy?: QueueSpec['stopPolicy']
    minRuntimeMs?: number
    usageHalfLifeMs?: number
    flavorFungibility?: Partial<QueueSpec['flavorFungibility']>
  } = {},
): QueueSpec {
  const { nominal, borrowing, lending, flavor = ANY_FLAVOR, flavorFungibility, ...ways } = options
  const thousandths = (gpus: number | undefined) => (gpus === undefined ? null : gpus * WHOLE_DEVICE)
  const quotas =
    nominal === undefined
      ? []
      : [
          {
            flavor,
            resource: 'GPU' as const,
            nominalQuota: nominal * WHOLE_DEVICE,
            borrowingLimit: thousandths(borrowing),
            lendingLimit: thousandths(lending),
          },
        ]
  const fungibility = { ...QUEUE_DEFAULTS.flavorFungibility, ...flavorFungibility }
  return { ...QUEUE_DEFAULTS, name, ...ways, quotas, flavorFungibility: fungibility }
}

export function aSnapshot(options: {
  nodes?: readonly NodeState[]
  queues?: readonly QueueSpec[]
  jobs?: readonly PendingJob[]
  running?: readonly RunningJob[]
  /** GPUs in use by queue, in thousandths, of flavor a100. */
  used?: Readonly<Record<string, number>>
}): LiveSnapshot {
  const snapshot = new LiveSnapshot()
  for (const node of options.nodes ?? []) snapshot.nodes.set(node.spec.name, node)
  for (const spec of options.queues ?? [aQueue('default')]) {
    const gpus = options.used?.[spec.name]
    snapshot.queues.set(spec.name, {
      spec,
      usage: gpus === undefined ? new Map() : usageOf('a100', gpus),
      past: new Map(),
    })
  }
  for (const job of options.jobs ?? []) snapshot.setPending(job)
  for (const job of options.running ?? []) resume(snapshot, job)
  return snapshot
}

/** A preemptible job of priority 100 that holds these devices ("n1/0+1 n2/3"), admitted at 0. */
export function aRunning(
  uid: string,
  places: string,
  options: Partial<RunningJob> & { share?: number } = {},
): RunningJob {
  const { share = WHOLE_DEVICE, ...rest } = options
  const held = places.split(' ').map((place) => {
    const [node = '', devices = ''] = place.split('/')
    const gpu = { devices: devices.split('+').map(Number), thousandths: share, memoryMiB: 0 }
    return { node, holding: { cpuMilli: 1000, memoryMiB: 1024, gpu } }
  })
  const [devices] = held.map(({ holding }) => holding.gpu.devices)
  const pod = share === WHOLE_DEVICE ? aPod({ gpus: devices?.length ?? 0 }) : aPod({ share })
  const about = {
    queue: 'default',
    priority: 100,
    preemptible: true,
    gang: gangOf(held.length, pod),
    createdMs: 0,
    admittedAtMs: 0,
    flavor: 'a100',
    isGoing: false,
    endsAtMs: null,
    budgets: [],
  }
  return { uid, pods: held.length, ...about, held, amounts: amountsOf(held), ...rest }
}

export function usageOf(flavor: string, gpuThousandths: number): Map<string, Amounts> {
  return new Map([[flavor, { GPU: gpuThousandths, CPU: 0, MEMORY: 0 }]])
}

/** "uid → node/devices node/devices" of every admission, in order. */
export function admitted({ admissions }: Plan): string[] {
  return admissions.map(({ job, assignment }) => {
    const places = assignment.slots.map(({ node, devices }) => `${node}/${devices.join('+')}`)
    return `${job.uid} → ${places.join(' ')}`
  })
}

/** "uid + node/devices node/devices" of every growth, in order. */
export function grown({ growths }: Plan): string[] {
  return growths.map(({ job, places }) => {
    return `${job.uid} + ${places.map(({ node, devices }) => `${node}/${devices.join('+')}`).join(' ')}`
  })
}

/** Cause code of every job that waits. */
export function waiting({ explanations }: Plan): Record<string, string> {
  return Object.fromEntries(explanations.flatMap(({ jobs, cause }) => jobs.map((job) => [job.uid, cause.code])))
}

/** Whoever was going has gone. @returns their uids */
export function endGoing(snapshot: LiveSnapshot): string[] {
  const going = [...snapshot.running.values()].filter(({ isGoing }) => isGoing)
  end(snapshot, going)
  return going.map(({ uid }) => uid)
}
