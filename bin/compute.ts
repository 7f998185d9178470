import { readFile } from 'node:fs/promises'
import { type Agent, startAgent } from '../agent/agent.ts'
import { secretOfCluster } from '../agent/link/credentialStore.ts'
import { connectLink } from '../agent/link/httpLink.ts'
import { connectJoinedLink } from '../agent/link/joinedLink.ts'
import type { Link } from '../agent/link/link.ts'
import { ALONE, type ElectionSettings } from '../agent/terms.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { ensurePlatform } from '../kubernetes/installPlatform.ts'
import type { SimulatedNode } from '../kubernetes/simulated/kubelet/simulatedNode.ts'
import { type SimulatedCluster, startSimulatedCluster } from '../kubernetes/simulated/startSimulatedCluster.ts'
import { exporterPage } from '../kubernetes/simulated/telemetry/exporterPage.ts'
import type { DomainClock } from '../platform/clock.ts'
import { wallClock } from '../platform/clocks.ts'
import { createTokens } from '../platform/identity/identity.ts'
import { createLog, type Log } from '../platform/log.ts'

/** Agent, scheduler and simulated cluster, connected to a control plane. */
export interface Compute {
  agent: Agent
  simulated: SimulatedCluster
  /** What dcgm-exporter would tell of the cluster's devices now; served at EXPORTER_PATH. */
  exporterPage(): string
  stop(): Promise<void>
}

/** What an agent in a thread needs to be told; it can be sent between threads. */
export type AgentSettings = {
  /** Of the gateway. */
  url: string
  clusterName: string
  logLevel: string
} & (
  | /** Signs the agent's own tokens: it is part of this program. */ { clientSecret: Uint8Array }
  | /** Holds a join token, or a token of kind agent; may be written anew while the agent runs. */ { tokenFile: string }
)
export type ComputeSettings = AgentSettings & {
  nodes: SimulatedNode[]
  /** Journal of the simulated cluster; null: it ends with the process. */
  clusterDir: string | null
  /** From a pod's admission to its running. */
  startupSeconds: number
}

/** On the ops listener of whoever runs the simulated cluster. */
export const EXPORTER_PATH = '/dcgm/metrics'

const TOKEN_SECONDS = 600
/** What the simulated cluster behaves like. */
const KUBERNETES_VERSION = 'v1.36.3'

/** @param throughLink lets a test come between the agent and the control plane */
export async function startCompute(
  settings: ComputeSettings,
  clock: DomainClock,
  throughLink?: (link: Link) => Link,
): Promise<Compute> {
  const { clusterName, nodes, clusterDir, startupSeconds, logLevel } = settings
  const log = createLog(logLevel).child({ plane: 'compute' })
  const simulated = await startSimulatedCluster({
    clock,
    nodes,
    seed: clusterName,
    startupSeconds,
    log,
    ...(clusterDir === null ? {} : { journalDir: clusterDir }),
  })
  const agent = await startAgentOn(simulated.cluster, KUBERNETES_VERSION, settings, {
    election: ALONE,
    tellsEvents: false,
    clock,
    log,
    ...(throughLink && { throughLink }),
  })
  return {
    agent,
    simulated,
    exporterPage: () => exporterPage(simulated.kubelet.telemetry()),
    async stop() {
      await agent.stop()
      await simulated.stop()
    },
  }
}

interface AgentDeps {
  election: ElectionSettings
  tellsEvents: boolean
  clock: DomainClock
  log: Log
  throughLink?: (link: Link) => Link
}

/**
 * The agent of a cluster of any kind, with the platform's objects in it. Resolves once the control plane
 * knows the cluster, or this agent stands by for another.
 */
export async function startAgentOn(
  cluster: Cluster,
  kubernetesVersion: string,
  { url, clusterName, ...access }: AgentSettings,
  { election, tellsEvents, clock, log, throughLink = (link) => link }: AgentDeps,
): Promise<Agent> {
  await ensurePlatform(cluster)
  const link = throughLink(
    'clientSecret' in access
      ? connectLink({ url, token: ownToken(access.clientSecret, clusterName) })
      : connectJoinedLink({
          url,
          joinToken: async () => (await readFile(access.tokenFile, 'utf8')).trim(),
          credentials: secretOfCluster(cluster),
        }),
  )
  const agent = await startAgent({
    cluster,
    clusterName,
    kubernetesVersion,
    link,
    clock,
    wall: wallClock,
    log,
    election,
    tellsEvents,
  })
  if (agent.isLeading) await agent.clusterId
  return agent
}

function ownToken(secret: Uint8Array, clusterName: string): () => Promise<string> {
  const tokens = createTokens({ secret, audience: 'client', wall: wallClock })
  const claims = { kind: 'agent', subject: `agent:${clusterName}`, cluster: clusterName } as const
  return reused(() => tokens.issue(claims, TOKEN_SECONDS), (TOKEN_SECONDS / 2) * 1_000)
}

/** Makes a new one only when the last is `maxAgeMs` old: signing costs more than the request it is for. */
function reused(make: () => Promise<string>, maxAgeMs: number): () => Promise<string> {
  let last: { token: Promise<string>; madeMs: number } | undefined
  return () => {
    if (last === undefined || wallClock.nowMs() - last.madeMs > maxAgeMs)
      last = { token: make(), madeMs: wallClock.nowMs() }
    return last.token
  }
}
