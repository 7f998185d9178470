import { join } from 'node:path'
import type { Interval } from '../../../bin/replay/exportFile.ts'
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

export interface Ledger {
  findings: Finding[]
  /** Of all tenants. */
  intervals: Interval[]
}

/** What a replay that was left alone is judged by, once all has been told; and that no pod is missing in its job. */
export async function judgeLedger({ compute, clients, range, folder, ...sent }: Evidence): Promise<Ledger> {
  const answer = await compute.ask({ kind: 'account' }, 'accounted')
  if (answer === 'killed') throw new Error('The cluster was killed before it told its account.')
  const jobs = summarizeJobs(await readJobs(clients))
  const exports: TenantExport[] = []
  for (const tenant of clients.tenants) exports.push(await exportIntervals(tenant, range, join(folder, 'replay')))
  const { findings } = judge({ ...sent, requests: clients.requests, account: answer.account, exports, jobs })
  const { known, ended } = await countPods(clients)
  const text = `of ${answer.account.pods} pods that the cluster ran the API knows ${known}, and the end of ${ended}`
  const holds = known === answer.account.pods && ended === known
  return { findings: [...findings, { holds, text }], intervals: exports.flatMap(({ intervals }) => intervals) }
}

const PODS = `query Pods($after: String) {
  jobs(first: 200, after: $after) {
    edges { node { pods(first: 5) { edges { node { finishedAt } } } } }
    pageInfo { hasNextPage endCursor }
  }
}`
interface PodsPage {
  jobs: {
    edges: { node: { pods: { edges: { node: { finishedAt: string | null } }[] } } }[]
    pageInfo: { hasNextPage: boolean; endCursor: string | null }
  }
}

async function countPods({ askOperator }: ReplayClients): Promise<{ known: number; ended: number }> {
  const ends: (string | null)[] = []
  for (let after: string | null = null; ; ) {
    const { jobs }: PodsPage = await askOperator<PodsPage>({ query: PODS, variables: { after } })
    ends.push(...jobs.edges.flatMap(({ node }) => node.pods.edges.map((pod) => pod.node.finishedAt)))
    if (!jobs.pageInfo.hasNextPage) break
    after = jobs.pageInfo.endCursor
  }
  return { known: ends.length, ended: ends.filter((end) => end !== null).length }
}
