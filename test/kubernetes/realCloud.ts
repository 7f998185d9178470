import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Agent, type AgentOptions, startAgent } from '../../agent/agent.ts'
import { connectLink } from '../../agent/link/httpLink.ts'
import { type ControlPlane, startControlPlane } from '../../bin/controlPlane.ts'
import { connectKubernetes, type KubernetesCluster } from '../../kubernetes/client/connectKubernetes.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import { type Kubelet, startKubelet } from '../../kubernetes/simulated/kubelet/kubelet.ts'
import type { SimulatedNode } from '../../kubernetes/simulated/kubelet/simulatedNode.ts'
import type { DomainClock } from '../../platform/clock.ts'
import { realClock, wallClock } from '../../platform/clocks.ts'
import type { Tokens } from '../../platform/identity/identity.ts'
import { createLog, type Log } from '../../platform/log.ts'
import type { ControlPlane as KubernetesControlPlane } from '../../scripts/kubernetes/controlPlane.ts'
import { ask, dataOf } from '../testkit/answers.ts'
import type { Cloud } from '../testkit/cloud.ts'
import { type CloudTenant, createTenant } from '../testkit/cloudTenant.ts'
import { subscribe } from '../testkit/streams.ts'
import { until } from '../testkit/until.ts'
import { connectAsAgent } from './agentAccount.ts'
import { type Kubectl, kubectlOf, type RealControlPlane } from './realControlPlane.ts'
import { type Records, recordObjects } from './records.ts'

/**
 * Sluice on a real Kubernetes API server: its control plane in this process, the agent over HTTP, and
 * kubelets that are played. The API server is the test's own.
 */
export interface RealCloud extends CloudClient {
  /** The gateway's. */
  readonly url: string
  /** What an agent of this cluster shows the gateway. */
  agentToken(): Promise<string>
  readonly kubernetes: KubernetesControlPlane
  readonly cluster: Cluster
  readonly kubectl: Kubectl
  readonly kubelet: Kubelet
  /** What became of Jobs and pods since the start. */
  readonly jobs: Records<'Job'>
  readonly pods: Records<'Pod'>
  tenant(slug: string): Promise<CloudTenant>
  /** One runs when the cloud starts, by the account of agents. */
  stopAgent(): Promise<void>
  startAgent(): Promise<void>
  /** One more, to be stopped by whoever wants it. */
  anotherAgent(overrides: Partial<AgentOptions>): Promise<Agent>
  /** kill -9 of the API server, and another on the same data. */
  restartApiServer(): Promise<void>
  /** As agents see it. */
  readonly agentsCluster: Cluster
  stop(): Promise<void>
}

/** The namespace of the tenant's project, once it is there. */
export async function namespaceOf({ kubectl }: Pick<RealCloud, 'kubectl'>, tenant: CloudTenant): Promise<string> {
  const namespace = `t-${tenant.slug}-${tenant.projectSlug}`
  await until(
    'the project’s namespace is there',
    () => kubectl(['get', 'namespace', namespace]).catch(String),
    (told) => told.includes('Active'),
  )
  return namespace
}

export const CLUSTER = 'real'
const LOG_LEVEL = process.env.SLUICE_LOG ?? 'error'

/** @param gpuNodes nodes of 8 GPUs */
export async function startRealCloud(controlPlane: RealControlPlane, gpuNodes: number): Promise<RealCloud> {
  const ends: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const end of ends.reverse().splice(0)) await end()
  }
  try {
    // Directly below the folder for temporary files: the path of a Unix socket may have 107 bytes.
    const dataDir = await mkdtemp(join(tmpdir(), 'sluice-'))
    ends.push(() => rm(dataDir, { recursive: true, force: true }))
    const clock = realClock()
    const log = createLog(LOG_LEVEL)
    const own = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
      const started = await starting
      ends.push(() => started.stop())
      return started
    }
    const options = { dataDir, host: '127.0.0.1', port: 0, clock, wall: wallClock, log, onDatabaseLost: raise }
    const starting = [own(controlPlane.another()), own(startControlPlane(options))] as const
    await Promise.allSettled(starting) // neither is left behind where the other fails
    const [kubernetes, sluice] = await Promise.all(starting)
    const cluster = await connectKubernetes({ kubeconfig: kubernetes.kubeconfig })
    ends.push(() => cluster.close())
    const kubelet = startKubelet({
      cluster,
      clock,
      seed: CLUSTER,
      nodes: gpuNodesOf(gpuNodes),
      heartbeatSeconds: 10,
      log,
    })
    ends.push(() => kubelet.stop())
    await kubelet.ready
    const [jobs, pods] = await Promise.all([recordObjects(cluster, 'Job'), recordObjects(cluster, 'Pod')])
    ends.push(() => Promise.all([jobs.stop(), pods.stop()]))

    const agentsCluster = await connectAsAgent(kubernetes)
    ends.push(() => agentsCluster.close())
    const agent = restartableAgent(sluice, { cluster: agentsCluster, clock, log })
    ends.push(() => agent.stop())
    const cloud: RealCloud = {
      ...clientOf(() => sluice.url, sluice.tokens.client),
      url: sluice.url,
      agentToken: () => tokenOfAgent(sluice),
      kubernetes,
      cluster,
      kubectl: kubectlOf(kubernetes),
      kubelet,
      jobs,
      pods,
      tenant: (slug) => createTenant(cloud, slug),
      agentsCluster,
      restartApiServer: kubernetes.restartApiServer,
      startAgent: async () => void (await agent.start()),
      stopAgent: agent.stop,
      anotherAgent: agent.another,
      stop,
    }
    await agent.start()
    await untilNodesAreKnown(cloud, gpuNodes)
    return cloud
  } catch (error) {
    await stop()
    throw error
  }
}

function restartableAgent(
  sluice: ControlPlane,
  { cluster, clock, log }: { cluster: KubernetesCluster; clock: DomainClock; log: Log },
): {
  start(): Promise<void>
  stop(): Promise<void>
  another(overrides: Partial<AgentOptions>): Promise<Agent>
} {
  let agent: Agent | null = null
  const another = async (overrides: Partial<AgentOptions>) =>
    startAgent({
      cluster,
      clusterName: CLUSTER,
      kubernetesVersion: await cluster.version(),
      link: connectLink({ url: sluice.url, token: () => tokenOfAgent(sluice) }),
      clock,
      wall: wallClock,
      log,
      tellsEvents: true,
      ...overrides,
    })
  return {
    another,
    async start() {
      agent = await another({})
    },
    async stop() {
      await agent?.stop()
      agent = null
    },
  }
}

function tokenOfAgent({ tokens }: ControlPlane): Promise<string> {
  return tokens.client.issue({ kind: 'agent', subject: `agent:${CLUSTER}`, cluster: CLUSTER }, 600)
}

/** What clients of Sluice do, wherever it runs. */
export type CloudClient = Pick<Cloud, 'ask' | 'subscribe' | 'operator' | 'member'>

/** @param urlNow the gateway's: it changes where the program starts again */
export function clientOf(urlNow: () => string, tokens: Tokens): CloudClient {
  return {
    ask: (token, query, variables) => ask(urlNow(), token, query, variables),
    subscribe: (token, query, variables = {}, transport = 'WEBSOCKET') =>
      subscribe(transport, { url: urlNow(), token, query, variables }),
    operator: () => tokens.issue({ kind: 'operator', subject: 'olga' }, 3_600),
    member: ({ id, slug }, role) =>
      tokens.issue({ kind: 'member', subject: `${role}@${slug}`, tenantId: id, tenantSlug: slug, role }, 3_600),
  }
}

/** Nodes of 8 GPUs. */
export function gpuNodesOf(count: number): SimulatedNode[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `gpu-${index}`,
    pool: 'h100',
    gpuModel: 'H100',
    gpuCount: 8,
    gpuMemoryMiB: 81_559,
    cpuMilli: 96_000,
    memoryMiB: 1_048_576,
  }))
}

async function untilNodesAreKnown(cloud: RealCloud, count: number): Promise<void> {
  const operator = await cloud.operator()
  await until(
    'the nodes are known',
    async () => dataOf(await cloud.ask<{ nodePools: { edges: { node: { nodeCount: number } }[] } }>(operator, POOLS)),
    ({ nodePools }) => nodePools.edges[0]?.node.nodeCount === count,
  )
}

const POOLS = 'query Pools { nodePools { edges { node { nodeCount } } } }'

function raise(reason: Error): never {
  throw reason
}
