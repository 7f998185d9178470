import { strict as assert } from 'node:assert'
import type { DomainClock } from '../../../platform/clock.ts'
import { createLog, type Log } from '../../../platform/log.ts'
import { type Cluster, gone, type Ref } from '../../cluster.ts'
import { startInformer } from '../../informer.ts'
import { labels } from '../../names.ts'
import { EnergyMeter } from '../telemetry/energyMeter.ts'
import { type GpuSample, gpuSamples } from '../telemetry/gpuSamples.ts'
import { Account, type AccountReport } from './account.ts'
import { unpreparedClaim } from './claimedDevices.ts'
import { logOf } from './logs.ts'
import { type NodeState, Nodes } from './nodes.ts'
import { PodRuns } from './podRuns.ts'
import { PodWriter } from './podWriter.ts'
import type { SimulatedNode } from './simulatedNode.ts'

export interface KubeletOptions {
  cluster: Cluster
  clock: DomainClock
  nodes: readonly SimulatedNode[]
  /** Same seed, same device uuids, logs and telemetry. */
  seed: string
  /** From admission to running: pulling the image and starting. Default 1. */
  startupSeconds?: number
  /** Renews the nodes' leases; needed where a node lifecycle controller listens, as on a real control plane. */
  heartbeatSeconds?: number
  account?: Account
  /** Called whenever something that was under way is done. */
  onSettled?: () => void
  log?: Log
}

export interface Kubelet {
  /** The nodes are registered, and pods that were there before are taken up. */
  readonly ready: Promise<void>
  /** What the pod has written; empty where it is not known here or has not started. */
  logs(ref: Ref): string
  telemetry(): GpuSample[]
  account(): AccountReport
  /** The machine stops: NotReady, and its pods are lost. Resolves when the node's condition says so. */
  failNode(name: string): Promise<void>
  recoverNode(name: string): Promise<void>
  /** Nothing is under way: what is left to do waits for time or for events. */
  idle(): boolean
  /** Leaves nodes and pods as they are; another kubelet with the same nodes goes on with them. */
  stop(): Promise<void>
}

const DEFAULT_STARTUP_SECONDS = 1

/**
 * Plays the kubelets of all its nodes against any cluster: registers them, lets pods in that are bound
 * there, runs each for as long as its environment says (SIM_RUN_SECONDS, SIM_EXIT_CODE) without running
 * anything, and reports. What it must know after a restart stands in the pods' own status.
 */
export function startKubelet(options: KubeletOptions): Kubelet {
  const { cluster, clock, seed, log = createLog('silent'), account = new Account() } = options
  const stopping = new AbortController()
  const nodes = new Nodes(cluster, clock, log, options.nodes, seed)
  const namespaces = startInformer(cluster, 'Namespace', { log })
  const pods = startInformer(cluster, 'Pod', { log })

  async function tenantOf(namespace: string): Promise<string | null> {
    const known =
      namespaces.get({ name: namespace }) ?? (await cluster.get('Namespace', { name: namespace }).catch(gone))
    return known?.metadata.labels?.[labels.tenant] ?? null
  }

  const writer = new PodWriter(cluster, log, stopping.signal)
  const energy = new EnergyMeter(clock.nowMs())
  const runs = new PodRuns({
    clock,
    account,
    energy,
    writer,
    startupMs: (options.startupSeconds ?? DEFAULT_STARTUP_SECONDS) * 1_000,
    onSettled: options.onSettled ?? (() => {}),
    nodeOf: ({ spec }) => nodes.get(spec?.nodeName),
    tenantOf,
    unpreparedClaim: (pod) => unpreparedClaim(pod, (ref) => writer.findClaim(ref)),
  })

  async function begin(): Promise<void> {
    await nodes.register()
    await Promise.all([namespaces.synced, pods.synced])
    pods.onChange(({ type, object }) => (type === 'DELETED' ? runs.lose(object) : runs.see(object)))
    account.keepOnly((uid) => runs.isKnown(uid))
    if (options.heartbeatSeconds !== undefined) nodes.beat(options.heartbeatSeconds)
    isReady = true
  }
  let isReady = false
  const ready = begin()

  function nodeNamed(name: string): NodeState {
    const state = nodes.get(name)
    assert(state, `no node ${name} here`)
    return state
  }

  return {
    ready,
    logs: (ref) => {
      const pod = pods.get(ref)
      return pod === undefined ? '' : logOf(pod, clock, seed)
    },
    telemetry: () => gpuSamples({ nodes: nodes.all(), running: runs.running(), energy, nowMs: clock.nowMs(), seed }),
    account: () => account.report(),
    async failNode(name) {
      const state = nodeNamed(name)
      const reported = nodes.setUp(state, false)
      runs.failNode(state)
      await reported
    },
    async recoverNode(name) {
      const state = nodeNamed(name)
      await nodes.setUp(state, true)
      runs.recoverNode(state)
    },
    idle: () => isReady && runs.isIdle,
    async stop() {
      nodes.stop()
      stopping.abort()
      await Promise.all([pods.stop(), namespaces.stop()])
      await runs.stop()
    },
  }
}
