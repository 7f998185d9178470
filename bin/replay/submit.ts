import { setTimeout as pause } from 'node:timers/promises'
import type { ReplayTenant } from './tenants.ts'
import type { TracePod } from './trace.ts'

export interface Submission {
  /** null: refused, or nothing but tried. */
  jobId: string | null
  refusal: Refusal | null
}
export interface Refusal {
  pod: string
  code: string
  message: string
}

const SUBMIT = `mutation Submit($input: SubmitJobInput!) {
  submitJob(input: $input) { job { id } userErrors { code message } }
}`
interface Submitted {
  submitJob: { job: { id: string } | null; userErrors: { code: string; message: string }[] }
}
/** A fact on its way from one subgraph to another: the answer is to try again, a bounded number of times. */
const TRY_AGAIN = new Set(['NOT_YET_KNOWN', 'NO_CLUSTER'])
const TRIES = 20
const PAUSE_MS = 100

/** Submits one pod of the trace as a job of one pod. */
export async function submitPod(tenant: ReplayTenant, pod: TracePod, dryRun = false): Promise<Submission> {
  const operation = { query: SUBMIT, variables: { input: { ...inputOf(tenant, pod), dryRun } } }
  for (let tries = 1; ; tries += 1) {
    const { submitJob } = await tenant.ask<Submitted>(operation)
    const [error] = submitJob.userErrors
    if (error === undefined) return { jobId: submitJob.job?.id ?? null, refusal: null }
    if (!TRY_AGAIN.has(error.code) || tries === TRIES) return { jobId: null, refusal: { pod: pod.name, ...error } }
    await pause(PAUSE_MS)
  }
}

function inputOf({ projectId }: ReplayTenant, pod: TracePod) {
  return {
    projectId,
    queue: 'default',
    name: pod.name,
    image: 'trace',
    env: [{ name: 'SIM_RUN_SECONDS', value: String(pod.runSeconds) }],
    class: pod.class,
    // A row says how long its pod ran in one go.
    preemptible: false,
    resources: resourcesOf(pod),
    idempotencyKey: pod.name,
  }
}

/** What a pod of the trace does not ask, it gets the least of that a request can name. */
function resourcesOf({ cpuMilli, memoryMiB, gpus, gpuMilli, models }: TracePod) {
  const resources = { cpu: String(Math.max(1, cpuMilli) / 1000), memoryMiB: Math.max(1, memoryMiB) }
  if (gpus === 0) return resources
  const amount = gpus === 1 && gpuMilli < 1000 ? { share: String(gpuMilli / 1000) } : { count: gpus }
  return { ...resources, gpu: models.length > 0 ? { ...amount, models } : amount }
}
