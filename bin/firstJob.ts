import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Tokens } from '../platform/identity/identity.ts'
import { askGraph, subscribeGraph } from './graphClient.ts'

interface FirstJobOptions {
  url: string
  tokens: Tokens
  dataDir: string
  say(text: string): void
  signal: AbortSignal
}

interface UserError {
  code: string
  message: string
}
interface JobEventMessage {
  jobEvents: {
    at: string
    type: string
    reason: string | null
    message: string | null
    job: { phase: string } | null
  }
}

const TOUR_SECONDS = 600
const POLL_MS = 200

/** Runs one GPU job from the mutation to a line in a report, through the public API alone, and tells it. */
export async function firstJob({ url, tokens, dataDir, say, signal }: FirstJobOptions): Promise<void> {
  const operator = await tokens.issue({ kind: 'operator', subject: 'first-job' }, TOUR_SECONDS)
  const tenantId = await create(url, operator, TENANT, { slug: 'acme', name: 'Acme' })
  say(`The first job. An operator makes the tenant "acme" (${tenantId})`)
  const projectId = await create(url, operator, PROJECT, { tenantId, slug: 'research', name: 'Research' })
  say(`and its project "research" (${projectId}).`)

  const claims = { kind: 'member', subject: 'ada@acme', tenantId, tenantSlug: 'acme', role: 'developer' } as const
  const member = await tokens.issue(claims, TOUR_SECONDS)
  const { jobs } = await askGraph<{ jobs: { eventsCursor: string } }>(url, member, {
    query: 'query Cursor($projectId: ID!) { jobs(projectId: $projectId, first: 0) { eventsCursor } }',
    variables: { projectId },
  })
  const jobId = await submit(url, member, projectId, signal)
  say(`A developer of acme submits 2 pods × 4 GPUs (${jobId}) and follows its events:`)

  const events = subscribeGraph<JobEventMessage>(url, member, {
    query:
      'subscription Follow($jobId: ID!, $after: Cursor) { jobEvents(jobId: $jobId, after: $after) { at type reason message job { phase } } }',
    variables: { jobId, after: jobs.eventsCursor },
  })
  signal.addEventListener('abort', () => void events.return())
  for await (const { jobEvents: event } of events) {
    const why = [event.reason, event.message].filter(Boolean).join(': ')
    say(`  ${event.at}  ${event.type.padEnd(15)} ${why}`)
    if (event.type === 'METERED') break
  }
  const { job } = await askGraph<{
    job: { usage: { gpuSeconds: string }; cost: { amount: string; currency: string; complete: boolean } }
  }>(url, member, {
    query: 'query Cost($jobId: ID!) { job(id: $jobId) { usage { gpuSeconds } cost { amount currency complete } } }',
    variables: { jobId },
  })
  say(
    `It held ${job.usage.gpuSeconds} GPU-seconds and cost ${job.cost.amount} ${job.cost.currency}${job.cost.complete ? '' : ' so far'}.`,
  )
  say(`Every interval, priced: ${await downloadReport(url, member, tenantId, dataDir, signal)}\n`)
}

const TENANT =
  'mutation First($input: CreateTenantInput!) { made: createTenant(input: $input) { object: tenant { id } userErrors { code message } } }'
const PROJECT =
  'mutation First($input: CreateProjectInput!) { made: createProject(input: $input) { object: project { id } userErrors { code message } } }'

async function create(url: string, token: string, query: string, input: Record<string, string>): Promise<string> {
  const idempotencyKey = `first-job-${input.slug}`
  const { made } = await askGraph<{ made: { object: { id: string } | null; userErrors: UserError[] } }>(url, token, {
    query,
    variables: { input: { ...input, idempotencyKey } },
  })
  if (made.object === null) throw new Error(wordsOf(made.userErrors))
  return made.object.id
}

/** A cluster that has just come up takes a moment to be known: until then the answer is to try again. */
const TRY_AGAIN = new Set(['NOT_YET_KNOWN', 'NO_CLUSTER'])

async function submit(url: string, token: string, projectId: string, signal: AbortSignal): Promise<string> {
  for (;;) {
    const { submitJob } = await askGraph<{ submitJob: { job: { id: string } | null; userErrors: UserError[] } }>(
      url,
      token,
      {
        query:
          'mutation Submit($input: SubmitJobInput!) { submitJob(input: $input) { job { id } userErrors { code message } } }',
        variables: {
          input: {
            projectId,
            queue: 'default',
            name: 'first-job',
            image: 'registry.example/train:1',
            command: ['python', 'train.py'],
            env: [{ name: 'SIM_RUN_SECONDS', value: '3' }],
            replicas: 2,
            resources: { cpu: '8', memoryMiB: 65_536, gpu: { count: 4 } },
            idempotencyKey: 'first-job',
          },
        },
      },
    )
    if (submitJob.job) return submitJob.job.id
    if (!submitJob.userErrors.every(({ code }) => TRY_AGAIN.has(code))) throw new Error(wordsOf(submitJob.userErrors))
    await pause(POLL_MS, undefined, { signal })
  }
}

/** Asks for the export of today and fetches it with the same right. @returns where the file is */
async function downloadReport(
  url: string,
  token: string,
  tenantId: string,
  dataDir: string,
  signal: AbortSignal,
): Promise<string> {
  const nowMs = Date.now()
  const { requestExport } = await askGraph<{
    requestExport: { export: { id: string } | null; userErrors: UserError[] }
  }>(url, token, {
    query:
      'mutation Report($input: RequestExportInput!) { requestExport(input: $input) { export { id } userErrors { code message } } }',
    variables: {
      input: {
        tenantId,
        from: new Date(nowMs - 3_600_000).toISOString(),
        to: new Date(nowMs + 3_600_000).toISOString(),
        shape: 'INTERVALS',
        format: 'CSV',
      },
    },
  })
  if (requestExport.export === null) throw new Error(wordsOf(requestExport.userErrors))
  for (;;) {
    const { export: report } = await askGraph<{ export: { state: string; url: string | null } }>(url, token, {
      query: 'query Report($id: ID!) { export(id: $id) { state url } }',
      variables: { id: requestExport.export.id },
    })
    if (report.state === 'FAILED') throw new Error('the export failed')
    if (report.state === 'READY' && report.url !== null) {
      const answer = await fetch(report.url, { headers: { authorization: `Bearer ${token}` } })
      if (!answer.ok) throw new Error(`the download answered ${answer.status}`)
      const path = join(dataDir, 'first-job.csv')
      await writeFile(path, new Uint8Array(await answer.arrayBuffer()))
      return path
    }
    await pause(POLL_MS, undefined, { signal })
  }
}

function wordsOf(errors: readonly UserError[]): string {
  return errors.map(({ code, message }) => `${code}: ${message}`).join('; ')
}
