import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { realClock } from '../../platform/clocks.ts'
import type { Command } from '../command.ts'
import { type AgentSettings, EXPORTER_PATH, startCompute } from '../compute.ts'
import { startKubernetesCompute } from '../kubernetesCompute.ts'
import { runRole, type StartedRole } from '../roles/runRole.ts'
import { type Settings, SettingsError } from '../settings.ts'
import { defaultNodes } from '../simulatedNodes.ts'

export const agent: Command = {
  summary: 'Runs the agent of one cluster, which calls the gateway at SLUICE_URL.',
  usage: 'agent --cluster NAME --kubeconfig FILE|--in-cluster|--simulated [--journal DIR]',
  async run(args, settings) {
    const { values } = parseArgs({
      args,
      options: {
        cluster: { type: 'string' },
        kubeconfig: { type: 'string' },
        'in-cluster': { type: 'boolean' },
        simulated: { type: 'boolean' },
        journal: { type: 'string' },
      },
    })
    const { cluster, kubeconfig, simulated, journal } = values
    if (cluster === undefined)
      throw new SettingsError(
        'Which cluster is it?',
        'Give it a name: --cluster NAME, a DNS label, the same each time.',
      )
    const kinds = [kubeconfig !== undefined, values['in-cluster'], simulated].filter(Boolean).length
    if (kinds !== 1)
      throw new SettingsError('Where is the cluster?', 'Say one of --kubeconfig FILE, --in-cluster, --simulated.')
    if (kubeconfig !== undefined && !existsSync(kubeconfig))
      throw new SettingsError(`There is no file ${kubeconfig}.`, 'Name a kubeconfig after --kubeconfig.')
    const agentSettings = accessOf(settings, cluster)
    return runRole('agent', settings, async ({ pages }): Promise<StartedRole> => {
      if (!simulated) {
        const access = kubeconfig === undefined ? { inCluster: true as const } : { kubeconfig: resolve(kubeconfig) }
        return serving(await startKubernetesCompute({ ...agentSettings, access }, realClock()))
      }
      const clusterDir = journal === undefined ? null : resolve(journal)
      if (clusterDir !== null) await mkdir(clusterDir, { recursive: true })
      const compute = { ...agentSettings, nodes: defaultNodes(), clusterDir, startupSeconds: 1 }
      const started = await startCompute(compute, realClock())
      pages.set(EXPORTER_PATH, started.exporterPage)
      return serving(started)
    })
  },
}

function accessOf({ logLevel, apart: { gatewayUrl, tokenFile } }: Settings, clusterName: string): AgentSettings {
  if (tokenFile === null)
    throw new SettingsError('The agent has no token.', 'Name the file that holds it in SLUICE_TOKEN_FILE.')
  return { url: gatewayUrl, tokenFile, clusterName, logLevel }
}

function serving({ stop }: { stop(): Promise<void> }): StartedRole {
  return { url: null, stop }
}
