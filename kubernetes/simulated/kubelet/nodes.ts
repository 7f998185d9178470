import { type DomainClock, toSecondsTimestamp } from '../../../platform/clock.ts'
import type { Log } from '../../../platform/log.ts'
import { type Cluster, ClusterError } from '../../cluster.ts'
import { sliceOf } from './claimedDevices.ts'
import {
  devicesOf,
  type NodeDevice,
  nodeObject,
  nodeStatus,
  readyCondition,
  type SimulatedNode,
} from './simulatedNode.ts'

/** Registrations on their way at once. */
const CONCURRENT_REGISTRATIONS = 16
const NOT_READY_TAINT = 'node.kubernetes.io/not-ready'
const LEASE_NAMESPACE = 'kube-node-lease'
const LEASE_SECONDS = 40

export interface NodeState {
  node: SimulatedNode
  devices: NodeDevice[]
  isUp: boolean
}

/** Nodes as they stand in the cluster: registered, ready or failed, and heard of while they are up. */
export class Nodes {
  readonly #cluster: Cluster
  readonly #clock: DomainClock
  readonly #log: Log
  readonly #states: Map<string, NodeState>
  #cancelHeartbeat: (() => void) | undefined

  constructor(cluster: Cluster, clock: DomainClock, log: Log, nodes: readonly SimulatedNode[], seed: string) {
    this.#cluster = cluster
    this.#clock = clock
    this.#log = log
    this.#states = new Map(nodes.map((node) => [node.name, { node, devices: devicesOf(node, seed), isUp: true }]))
  }

  get(name: string | undefined): NodeState | undefined {
    return name === undefined ? undefined : this.#states.get(name)
  }

  all(): Iterable<NodeState> {
    return this.#states.values()
  }

  async register(): Promise<void> {
    const waiting = [...this.#states.values()]
    const registerSome = async () => {
      for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) await this.#registerOne(state)
    }
    await Promise.all(Array.from({ length: CONCURRENT_REGISTRATIONS }, registerSome))
  }

  async #registerOne({ node, devices }: NodeState): Promise<void> {
    const ref = { name: node.name }
    await this.#cluster.apply('Node', nodeObject(node, devices))
    if (node.deviceControl === 'DRA') await this.#cluster.apply('ResourceSlice', sliceOf(node, devices))
    const status = nodeStatus(node, devices, true, this.#now())
    const { spec } = await this.#cluster.patch('Node', ref, [{ op: 'add', path: '/status', value: status }], {
      subresource: 'status',
    })
    // A real API server lets no node in without this taint, and may take a while to lift it.
    if (!spec?.taints?.some(({ key }) => key === NOT_READY_TAINT)) return
    const taints = spec.taints.filter(({ key }) => key !== NOT_READY_TAINT)
    await this.#cluster.patch('Node', ref, [{ op: 'replace', path: '/spec/taints', value: taints }])
  }

  async setUp(state: NodeState, isUp: boolean): Promise<void> {
    state.isUp = isUp
    const ref = { name: state.node.name }
    const { status } = await this.#cluster.get('Node', ref)
    const others = (status?.conditions ?? []).filter(({ type }) => type !== 'Ready')
    const conditions = [...others, readyCondition(isUp, this.#now())]
    await this.#cluster.patch('Node', ref, [{ op: 'add', path: '/status/conditions', value: conditions }], {
      subresource: 'status',
    })
  }

  /** Renews the nodes' leases for as long as nobody stops it: what a real node lifecycle controller listens to. */
  beat(everySeconds: number): void {
    this.#cancelHeartbeat = this.#clock.schedule(
      this.#clock.nowMs() + everySeconds * 1_000,
      () => {
        this.beat(everySeconds)
        for (const state of this.#states.values()) if (state.isUp) void this.#renewLease(state.node.name)
      },
      { lazy: true },
    )
  }

  stop(): void {
    this.#cancelHeartbeat?.()
  }

  async #renewLease(name: string): Promise<void> {
    try {
      await this.#cluster.apply('Lease', {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { namespace: LEASE_NAMESPACE, name },
        spec: {
          holderIdentity: name,
          leaseDurationSeconds: LEASE_SECONDS,
          renewTime: new Date(this.#clock.nowMs()).toISOString().replace('Z', '000Z'),
        },
      })
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      // The next beat tries again; a missed one is what leases are made to bear.
      this.#log.warn({ node: name, code: error.code }, 'kubelet: lease not renewed')
    }
  }

  #now(): string {
    return toSecondsTimestamp(this.#clock.nowMs())
  }
}
