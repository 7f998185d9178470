import type { ReplayClients } from './tenants.ts'

export interface JobSummary {
  jobs: number
  byPhase: Record<string, number>
  /** Seconds from submission to admission, of jobs that were admitted. */
  waitsByClass: Record<string, Spread>
}
export interface Spread {
  jobs: number
  p50: number
  p90: number
  p99: number
  max: number
}
/** A job as the API tells it. */
export interface ToldJob {
  phase: string
  class: string
  submittedAt: string
  admittedAt: string | null
}

const JOBS = `query Jobs($after: String) {
  jobs(first: 200, after: $after) {
    edges { node { phase class submittedAt admittedAt } }
    pageInfo { hasNextPage endCursor }
  }
}`
interface JobsPage {
  jobs: { edges: { node: ToldJob }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }
}

/** Reads every job back through the API. */
export async function readJobs({ askOperator }: ReplayClients): Promise<ToldJob[]> {
  const told: ToldJob[] = []
  for (let after: string | null = null; ; ) {
    const { jobs }: JobsPage = await askOperator<JobsPage>({ query: JOBS, variables: { after } })
    told.push(...jobs.edges.map(({ node }) => node))
    if (!jobs.pageInfo.hasNextPage) return told
    after = jobs.pageInfo.endCursor
  }
}

export function summarizeJobs(jobs: readonly ToldJob[]): JobSummary {
  const byPhase = Object.groupBy(jobs, (job) => job.phase)
  const admitted = jobs.filter((job) => job.admittedAt !== null)
  const byClass = Object.groupBy(admitted, (job) => job.class)
  return {
    jobs: jobs.length,
    byPhase: Object.fromEntries(Object.entries(byPhase).map(([phase, of = []]) => [phase, of.length])),
    waitsByClass: Object.fromEntries(
      Object.entries(byClass).map(([name, of = []]) => [name, spreadOf(of.map(waitSeconds))]),
    ),
  }
}

/** Nearest rank: the least of the values that so many of a hundred do not exceed. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (percent: number) => sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0
  return { jobs: sorted.length, p50: at(50), p90: at(90), p99: at(99), max: at(100) }
}

/** Admissions are told in whole seconds, so at a speed one may seem to come before its submission. */
function waitSeconds({ submittedAt, admittedAt }: ToldJob): number {
  return Math.max(0, (Date.parse(admittedAt ?? submittedAt) - Date.parse(submittedAt)) / 1_000)
}
