import { SHARED } from '../agent/terms.ts'
import { connectKubernetes } from '../kubernetes/client/connectKubernetes.ts'
import type { KubernetesAccess } from '../kubernetes/client/credentials.ts'
import type { DomainClock } from '../platform/clock.ts'
import { createLog } from '../platform/log.ts'
import { type AgentSettings, startAgentOn } from './compute.ts'

export type KubernetesSettings = AgentSettings & { access: KubernetesAccess }

/** Agent and scheduler on a cluster that is there already, and goes on without them. */
export async function startKubernetesCompute(
  settings: KubernetesSettings,
  clock: DomainClock,
): Promise<{ stop(): Promise<void> }> {
  const { access, logLevel } = settings
  const log = createLog(logLevel).child({ plane: 'compute' })
  const cluster = await connectKubernetes(access)
  const agent = await startAgentOn(cluster, await cluster.version(), settings, {
    election: SHARED,
    tellsEvents: true,
    clock,
    log,
  })
  return {
    async stop() {
      await agent.stop()
      await cluster.close()
    },
  }
}
