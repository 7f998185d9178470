import type { ReplayClients } from './tenants.ts'

export interface JobSummary {
  byPhase: Record<string, number>
  /** Seconds from submission to admission. */
  waitsByClass: Record<string, { jobs: number; p50: number; p90: number; p99: number; max: number }>
  unfinished: number
}

interface JobsPage {
  jobs: {
    edges: { node: { phase: string; class: string; submittedAt: string; admittedAt: string | null } }[]
    pageInfo: { hasNextPage: boolean; endCursor: string | null }
  }
}

const FINAL = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED'])

/** Reads every job back through the API. */
export async function summarizeJobs({ askOperator }: ReplayClients): Promise<JobSummary> {
  const byPhase: Record<string, number> = {}
  const waits = new Map<string, number[]>()
  let after: string | null = null
  do {
    const { jobs }: JobsPage = await askOperator<JobsPage>({
      query:
        'query Jobs($after: String) { jobs(first: 200, after: $after) { edges { node { phase class submittedAt admittedAt } } pageInfo { hasNextPage endCursor } } }',
      variables: { after },
    })
    for (const { node } of jobs.edges) {
      byPhase[node.phase] = (byPhase[node.phase] ?? 0) + 1
      if (node.admittedAt === null) continue
      const waited = (Date.parse(node.admittedAt) - Date.parse(node.submittedAt)) / 1_000
      const ofClass = waits.get(node.class) ?? []
      waits.set(node.class, ofClass)
      ofClass.push(Math.max(0, waited))
    }
    after = jobs.pageInfo.hasNextPage ? jobs.pageInfo.endCursor : null
  } while (after !== null)
  return {
    byPhase,
    waitsByClass: Object.fromEntries([...waits].map(([name, seconds]) => [name, spread(seconds)])),
    unfinished: Object.entries(byPhase).reduce((sum, [phase, count]) => sum + (FINAL.has(phase) ? 0 : count), 0),
  }
}

function spread(seconds: number[]) {
  const sorted = [...seconds].sort((a, b) => a - b)
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
  return { jobs: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}
