import { buildDashboard, type Dashboard } from './dashboard.ts'
import { devicesRow } from './rows/devices.ts'
import { gpusRow } from './rows/gpus.ts'
import { linkRow } from './rows/link.ts'
import { processesRow } from './rows/processes.ts'
import { requestsRow } from './rows/requests.ts'
import { subscriptionsRow } from './rows/subscriptions.ts'
import { clusterVariable } from './variables.ts'

/** What a cluster has, what of it is used, and whether the control plane answers. */
export function clusterDashboard(): Dashboard {
  return buildDashboard({
    uid: 'sluice-cluster',
    title: 'Sluice / Cluster',
    description:
      'GPUs and nodes of the clusters, the devices as they report themselves, and the health of the control plane.',
    variables: [clusterVariable()],
    rows: [gpusRow(), devicesRow(), requestsRow(), subscriptionsRow(), linkRow(), processesRow()],
  })
}
