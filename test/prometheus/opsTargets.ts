import type { ScrapeOptions } from '../../dashboards/render/scrapeConfig.ts'
import { EXPORTER_PATH } from '../../kubernetes/simulated/kubelet/exporter.ts'
import type { Cloud } from '../testkit/cloud.ts'

/** The name that `sluice up` gives its simulated cluster. */
const CLUSTER = 'local'

/** Where the program has its ops listeners: it says so when it is ready. */
export function opsTargets(cloud: Cloud): Pick<ScrapeOptions, 'targets' | 'deviceTargets' | 'devicePath'> {
  const [, line = ''] = /^ +Metrics +(.+)$/m.exec(cloud.program.stdout()) ?? []
  const [control, agent] = line.split(/\s+/).map((url) => new URL(url).host)
  if (control === undefined || agent === undefined) throw new Error(`No two listeners: ${cloud.program.stdout()}`)
  return {
    targets: [
      { address: control, role: 'control-plane' },
      { address: agent, role: 'agent', cluster: CLUSTER },
    ],
    deviceTargets: [{ address: agent, cluster: CLUSTER }],
    devicePath: EXPORTER_PATH,
  }
}
