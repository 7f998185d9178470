import { type Agent, startAgent } from '../agent/agent.ts'
import { connectLink } from '../agent/link/httpLink.ts'
import type { Link } from '../agent/link/link.ts'
import { installPlatform } from '../kubernetes/installPlatform.ts'
import type { SimulatedNode } from '../kubernetes/simulated/kubelet/simulatedNode.ts'
import { type SimulatedCluster, startSimulatedCluster } from '../kubernetes/simulated/startSimulatedCluster.ts'
import type { DomainClock } from '../platform/clock.ts'
import { wallClock } from '../platform/clocks.ts'
import { createTokens } from '../platform/identity/identity.ts'
import { createLog } from '../platform/log.ts'

/** Agent, scheduler and simulated cluster, connected to a control plane. */
export interface Compute {
  agent: Agent
  simulated: SimulatedCluster
  stop(): Promise<void>
}

/** What the thread needs to be told; it can be sent between threads. */
export interface ComputeSettings {
  /** Of the gateway. */
  url: string
  /** Signs the agent's own tokens: the thread is part of this program. */
  clientSecret: Uint8Array
  clusterName: string
  nodes: SimulatedNode[]
  /** Journal of the simulated cluster; null: it ends with the process. */
  clusterDir: string | null
  /** From a pod's admission to its running. */
  startupSeconds: number
  logLevel: string
}

const TOKEN_SECONDS = 600
/** What the simulated cluster behaves like. */
const KUBERNETES_VERSION = 'v1.36.3'

/** @param throughLink lets a test come between the agent and the control plane */
export async function startCompute(
  settings: ComputeSettings,
  clock: DomainClock,
  throughLink: (link: Link) => Link = (link) => link,
): Promise<Compute> {
  const { url, clientSecret, clusterName, nodes, clusterDir, startupSeconds, logLevel } = settings
  const log = createLog(logLevel).child({ plane: 'compute' })
  const simulated = await startSimulatedCluster({
    clock,
    nodes,
    seed: clusterName,
    startupSeconds,
    log,
    ...(clusterDir === null ? {} : { journalDir: clusterDir }),
  })
  await installPlatform(simulated.cluster)
  const tokens = createTokens({ secret: clientSecret, audience: 'client', wall: wallClock })
  const claims = { kind: 'agent', subject: `agent:${clusterName}`, cluster: clusterName } as const
  const token = reused(() => tokens.issue(claims, TOKEN_SECONDS), (TOKEN_SECONDS / 2) * 1_000)
  const agent = await startAgent({
    cluster: simulated.cluster,
    clusterName,
    kubernetesVersion: KUBERNETES_VERSION,
    link: throughLink(connectLink({ url, token })),
    clock,
    wall: wallClock,
    log,
  })
  return {
    agent,
    simulated,
    async stop() {
      await agent.stop()
      await simulated.stop()
    },
  }
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
