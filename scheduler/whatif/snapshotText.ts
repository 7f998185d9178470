import type { Gang } from '../model/gang.ts'
import { isGang, type PendingJob } from '../model/job.ts'
import type { NodeSpec, NodeState } from '../model/node.ts'
import type { PendingReason } from '../model/pending.ts'
import type { Amounts, QueueSpec } from '../model/queue.ts'
import type { RunningJob } from '../model/running.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { World } from './world.ts'

/** Reads only texts of its own version: who gets another says that the cluster's agent is of another release. */
const VERSION = 1

type Demand = Gang | PendingReason

/**
 * The snapshot as JSON. Values of a snapshot are never changed in place, so the text of each is made once for as
 * long as it lives: of a cluster in which little changes, little is written anew.
 */
export class SnapshotWriter {
  readonly #texts = new WeakMap<object, string>()

  write(snapshot: Snapshot): string {
    const demands: Demand[] = []
    // Most jobs ask what others ask too.
    const numbers = new Map<string, number>()
    const numberOf = (demand: Demand) => {
      const key = isGang(demand) ? demand.key : this.#text(demand)
      const known = numbers.get(key)
      if (known !== undefined) return known
      numbers.set(key, demands.length)
      return demands.push(demand) - 1
    }
    const pending: string[] = []
    for (const { jobs } of snapshot.pending.values())
      for (const job of jobs) pending.push(`[${numberOf(job.demand)},${this.#text(job, withoutDemand)}]`)
    const nodes = Array.from(snapshot.nodes.values(), (node) => {
      return `[${this.#text(node.spec)},${this.#text(node, withoutSpec)}]`
    })
    const queues = Array.from(snapshot.queues.values(), ({ spec, usage, past }) => {
      return `[${this.#text(spec)},${JSON.stringify([...usage])},${JSON.stringify([...past])}]`
    })
    const running = Array.from(snapshot.running.values(), (job) => {
      return `[${job.gang === undefined ? null : numberOf(job.gang)},${this.#text(job, withoutGang)}]`
    })
    // By the snapshot's own keys, so that none that it is given later can be forgotten here.
    const parts: Record<keyof Snapshot, string> = {
      nodes: list(nodes),
      queues: list(queues),
      pending: list(pending),
      running: list(running),
      agingMs: JSON.stringify(snapshot.agingMs),
      topologyLevels: JSON.stringify(snapshot.topologyLevels ?? []),
      shareEnforcements: JSON.stringify(snapshot.shareEnforcements ?? []),
      reservedFor: JSON.stringify(snapshot.reservedFor),
      prices: JSON.stringify(snapshot.prices ? [...snapshot.prices] : null),
      typical: JSON.stringify(snapshot.typical ?? []),
    }
    const texts = Object.entries(parts).map(([key, text]) => `"${key}":${text}`)
    return `{"version":${VERSION},"demands":${list(demands.map((demand) => this.#text(demand)))},${texts.join(',')}}`
  }

  #text<T extends object>(value: T, shown: (value: T) => object = (value) => value): string {
    let text = this.#texts.get(value)
    if (text === undefined) {
      text = JSON.stringify(shown(value))
      this.#texts.set(value, text)
    }
    return text
  }
}

/** @returns null where the text is of another version */
export function readSnapshot(text: string): World | null {
  const read = JSON.parse(text) as Written
  if (read.version !== VERSION) return null
  const pending = read.pending.map(([number, job]) => ({ ...job, demand: read.demands[number] }) as PendingJob)
  const snapshot: Snapshot = {
    nodes: new Map(read.nodes.map(([spec, rest]) => [spec.name, { spec, ...rest }])),
    queues: new Map(
      read.queues.map(([spec, usage, past]) => [spec.name, { spec, usage: new Map(usage), past: new Map(past) }]),
    ),
    pending: new Map(),
    running: new Map(read.running.map(([number, job]) => [job.uid, withGang(job, read.demands[number ?? -1])])),
    agingMs: read.agingMs,
    topologyLevels: read.topologyLevels,
    shareEnforcements: read.shareEnforcements,
    reservedFor: read.reservedFor,
    ...(read.prices !== null && { prices: new Map(read.prices) }),
    typical: read.typical,
  }
  const world = new World(snapshot)
  for (const job of pending) world.setPending(job)
  return world
}

interface Written {
  version: number
  demands: Demand[]
  nodes: [NodeSpec, Omit<NodeState, 'spec'>][]
  queues: [QueueSpec, usage: [string, Amounts][], past: [string, Amounts][]][]
  pending: [demand: number, Omit<PendingJob, 'demand'>][]
  running: [gang: number | null, Omit<RunningJob, 'gang'>][]
  agingMs: number
  topologyLevels: NonNullable<Snapshot['topologyLevels']>
  shareEnforcements: NonNullable<Snapshot['shareEnforcements']>
  reservedFor: string | null
  prices: [string, string][] | null
  typical: NonNullable<Snapshot['typical']>
}

function withoutDemand({ demand: _, ...rest }: PendingJob): object {
  return rest
}

function withoutGang({ gang: _, ...rest }: RunningJob): object {
  return rest
}

function withGang(job: Omit<RunningJob, 'gang'>, gang: Demand | undefined): RunningJob {
  return gang !== undefined && isGang(gang) ? { ...job, gang } : job
}

function withoutSpec({ spec: _, ...rest }: NodeState): object {
  return rest
}

function list(texts: readonly string[]): string {
  return `[${texts.join(',')}]`
}
