import { join } from 'node:path'
import { exportIntervals, type TenantExport } from '../../../bin/replay/exports.ts'
import { type Finding, judge } from '../../../bin/replay/judge.ts'
import type { Refusal } from '../../../bin/replay/submit.ts'
import { readJobs, summarizeJobs } from '../../../bin/replay/summary.ts'
import type { ReplayClients } from '../../../bin/replay/tenants.ts'
import type { Compute } from './compute.ts'

interface Evidence {
  compute: Compute
  clients: ReplayClients
  refused: readonly Refusal[]
  /** In domain time: all of it. */
  range: { from: Date; to: Date }
  /** In the workload. */
  pods: number
  /** For the files of the exports. */
  folder: string
}

/** What a replay that was left alone is judged by, once all has been told. */
export async function judgeLedger({ compute, clients, range, folder, ...sent }: Evidence): Promise<Finding[]> {
  const answer = await compute.ask({ kind: 'account' }, 'accounted')
  if (answer === 'killed') throw new Error('The cluster was killed before it told its account.')
  const jobs = summarizeJobs(await readJobs(clients))
  const exports: TenantExport[] = []
  for (const tenant of clients.tenants) exports.push(await exportIntervals(tenant, range, join(folder, 'replay')))
  return judge({ ...sent, requests: clients.requests, account: answer.account, exports, jobs }).findings
}
