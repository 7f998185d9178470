import { buildDashboard, type Dashboard } from './dashboard.ts'
import { decisionsRow } from './rows/decisions.ts'
import { meteringRow } from './rows/metering.ts'
import { quotaRow } from './rows/quota.ts'
import { waitingRow } from './rows/waiting.ts'
import { waitTimesRow } from './rows/waitTimes.ts'
import { clusterVariable, queueVariable } from './variables.ts'

/** Who waits for what and for how long, how the scheduler decides, and whether the ledger keeps up. */
export function queuesDashboard(): Dashboard {
  return buildDashboard({
    uid: 'sluice-queues',
    title: 'Sluice / Queues',
    description:
      'Waiting jobs and their reasons, quota and its use, waiting times, decisions of the scheduler, and metering.',
    variables: [clusterVariable(), queueVariable()],
    rows: [waitingRow(), quotaRow(), waitTimesRow(), decisionsRow(), meteringRow()],
  })
}
