import { connectKubernetes } from '../kubernetes/client/connectKubernetes.ts'
import type { DomainClock } from '../platform/clock.ts'
import { createLog } from '../platform/log.ts'
import { type AgentSettings, startAgentOn } from './compute.ts'

export interface KubernetesSettings extends AgentSettings {
  /** Path of the file. */
  kubeconfig: string
}

/** Agent and scheduler on a cluster that is there already, and goes on without them. */
export async function startKubernetesCompute(
  settings: KubernetesSettings,
  clock: DomainClock,
): Promise<{ stop(): Promise<void> }> {
  const { kubeconfig, logLevel } = settings
  const log = createLog(logLevel).child({ plane: 'compute' })
  const cluster = await connectKubernetes({ kubeconfig })
  const agent = await startAgentOn(cluster, await cluster.version(), settings, { clock, log })
  return {
    async stop() {
      await agent.stop()
      await cluster.close()
    },
  }
}
