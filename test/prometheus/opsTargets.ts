import { EXPORTER_PATH } from '../../bin/compute.ts'
import type { ScrapeOptions } from '../../dashboards/render/scrapeConfig.ts'
import { SUBGRAPH_NAMES } from '../../platform/link/protocol.ts'
import type { Cloud } from '../testkit/cloud.ts'
import { CLUSTER_NAME, type ProcessName } from '../testkit/roleProcesses.ts'

/** Where each role has its ops listener, and the simulated cluster its exporter. */
export function opsTargets({ roles }: Cloud): Pick<ScrapeOptions, 'targets' | 'deviceTargets' | 'devicePath'> {
  const addressOf = (name: ProcessName) => {
    const stdout = roles.process(name).stdout()
    const [, address] = /\(operations: http:\/\/([^)]+)\)/.exec(stdout) ?? []
    if (address === undefined) throw new Error(`${name} does not say where its ops listener is: ${stdout}`)
    return address
  }
  const agent = addressOf('agent')
  return {
    targets: [
      { address: addressOf('gateway'), role: 'gateway' },
      ...SUBGRAPH_NAMES.map((name) => ({ address: addressOf(name), role: 'subgraph' as const })),
      { address: agent, role: 'agent', cluster: CLUSTER_NAME },
    ],
    deviceTargets: [{ address: agent, cluster: CLUSTER_NAME }],
    devicePath: EXPORTER_PATH,
  }
}
