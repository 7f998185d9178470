import type { Role } from '../../platform/identity/identity.ts'
import { type Answer, about, dataOf, type UserError } from './answers.ts'
import type { Cloud } from './cloud.ts'
import { inTime, until } from './until.ts'

/** A tenant, one project of it, and what its developer does there. */
export interface CloudTenant {
  readonly id: string
  readonly slug: string
  readonly projectId: string
  readonly projectSlug: string
  /** Of a developer. */
  readonly token: string
  as(role: Role): Promise<string>
  /** The raw answer to a submission; what is left out is a job of one pod with one GPU that runs a second. */
  trySubmit(input?: Partial<JobInput>): Promise<Answer<SubmitJob>>
  /** @returns its id. @throws Error telling the whole exchange, where it is refused */
  submitJob(input?: Partial<JobInput>): Promise<string>
  /** The raw answer to a cancellation. */
  cancelJob(id: string, input?: { idempotencyKey?: string; dryRun?: boolean }): Promise<Answer<CancelJob>>
  job(id: string): Promise<JobState>
  /** Where the tenant's stream of events stands. */
  eventsCursor(): Promise<string>
  /** Resolves when so many more events of a type have come, of whichever job. */
  nextEvents(type: string, count: number): Promise<void>
  /** Every event of a job from its submission on, up to one of these types. */
  eventsUntil(jobId: string, ...types: string[]): Promise<JobEvent[]>
}

/** SubmitJobInput, and how long its pods run. */
export interface JobInput {
  idempotencyKey: string
  dryRun: boolean
  projectId: string
  queue: string
  name: string
  image: string
  replicas: number
  minCount: number
  resources: { cpu?: string; memoryMiB?: number; gpu?: Record<string, unknown> | null }
  class: string
  priorityClass: string
  env: { name: string; value: string }[]
  labels: { name: string; value: string }[]
  maxRuntimeSeconds: number
  /** Stands for the variable SIM_RUN_SECONDS. */
  runSeconds: number
}
export interface SubmitJob {
  submitJob: { job: { id: string; phase: string } | null; userErrors: UserError[] }
}
export interface CancelJob {
  cancelJob: { job: { id: string; phase: string } | null; userErrors: UserError[] }
}
export interface JobState {
  phase: string
  submittedAt: string
  admittedAt: string | null
  finishedAt: string | null
  pending: {
    code: string
    message: string
    fix: string | null
    position: number | null
    since: string
  } | null
  usage: { gpuSeconds: string } | null
  cost: { amount: string; currency: string; complete: boolean } | null
  pods: { edges: { node: PodState }[] }
}
export interface PodState {
  id: string
  phase: string
  node: string | null
  startedAt: string | null
  finishedAt: string | null
  devices: { uuid: string | null; share: string; model: string }[]
}
export interface JobEvent {
  cursor: string
  at: string
  type: string
  reason: string | null
  message: string | null
  job: { id: string; phase: string } | null
}

const CREATE_TENANT = `mutation CreateTenant($input: CreateTenantInput!) {
  createTenant(input: $input) { tenant { id } userErrors { code message } }
}`
const CREATE_PROJECT = `mutation CreateProject($input: CreateProjectInput!) {
  createProject(input: $input) { project { id } userErrors { code message } }
}`
const SUBMIT_JOB = `mutation SubmitJob($input: SubmitJobInput!) {
  submitJob(input: $input) { job { id phase } userErrors { code field message fix } }
}`
const CANCEL_JOB = `mutation CancelJob($input: CancelJobInput!) {
  cancelJob(input: $input) { job { id phase } userErrors { code field message fix } }
}`
const JOB = `query Job($id: ID!) {
  job(id: $id) {
    phase submittedAt admittedAt finishedAt pending { code message fix position since }
    usage { gpuSeconds } cost { amount currency complete }
    pods(first: 200) { edges { node { id phase node startedAt finishedAt devices { uuid share model } } } }
  }
}`
const JOB_EVENTS = `subscription JobEvents($jobId: ID!, $after: Cursor) {
  jobEvents(jobId: $jobId, after: $after) { cursor at type reason message job { id phase } }
}`
const TENANT_EVENTS = 'subscription TenantEvents($after: Cursor) { jobEvents(after: $after) { type } }'
const PROJECT_SLUG = 'research'

/** @param cloud the program, however it was started */
export async function createTenant(
  cloud: Pick<Cloud, 'ask' | 'subscribe' | 'operator' | 'member'>,
  slug: string,
): Promise<CloudTenant> {
  const operator = await cloud.operator()
  const made = await cloud.ask<{ createTenant: { tenant: { id: string } | null } }>(operator, CREATE_TENANT, {
    input: { slug, name: `Company ${slug}` },
  })
  const id = dataOf(made).createTenant.tenant?.id
  if (id === undefined) throw new Error(about(made))
  const begun = await cloud.ask<{ createProject: { project: { id: string } | null } }>(operator, CREATE_PROJECT, {
    input: { tenantId: id, slug: PROJECT_SLUG, name: `Research of ${slug}` },
  })
  const projectId = dataOf(begun).createProject.project?.id
  if (projectId === undefined) throw new Error(about(begun))
  const as = (role: Role) => cloud.member({ id, slug }, role)
  const token = await as('developer')

  const trySubmit: CloudTenant['trySubmit'] = ({ runSeconds = 1, env = [], ...input } = {}) =>
    cloud.ask(token, SUBMIT_JOB, {
      input: {
        projectId,
        queue: 'default',
        name: 'train',
        image: 'registry.example/train:1',
        resources: { cpu: '1', memoryMiB: 1024, gpu: { count: 1 } },
        env: [{ name: 'SIM_RUN_SECONDS', value: String(runSeconds) }, ...env],
        ...input,
      },
    })
  const eventsCursor = async () => {
    const query = 'query Cursor { jobs(first: 0) { eventsCursor } }'
    return dataOf(await cloud.ask<{ jobs: { eventsCursor: string } }>(token, query)).jobs.eventsCursor
  }
  const begin = await eventsCursor()

  return {
    id,
    slug,
    projectId,
    projectSlug: PROJECT_SLUG,
    token,
    as,
    trySubmit,
    eventsCursor,
    cancelJob: (id, input = {}) => cloud.ask(token, CANCEL_JOB, { input: { id, ...input } }),
    job: async (id) => dataOf(await cloud.ask<{ job: JobState }>(token, JOB, { id })).job,
    async submitJob(input) {
      const answer = await until(
        'what the job needs is known',
        () => trySubmit(input),
        (tried) => !dataOf(tried).submitJob.userErrors.some(({ code }) => code === 'NOT_YET_KNOWN'),
      )
      const { job } = dataOf(answer).submitJob
      if (job === null) throw new Error(about(answer))
      return job.id
    },
    async nextEvents(type, count) {
      const after = await eventsCursor()
      const stream = cloud.subscribe<{ jobEvents: JobEvent }>(token, TENANT_EVENTS, { after })
      for (let seen = 0; seen < count; ) {
        const { value, done } = await inTime(`${count} events ${type} had come`, stream.next())
        if (done) throw new Error(`The events ended before the next ${type}`)
        if (dataOf(value).jobEvents.type === type) seen += 1
      }
      await stream.return()
    },
    async eventsUntil(jobId, ...types) {
      const events: JobEvent[] = []
      const stream = cloud.subscribe<{ jobEvents: JobEvent }>(token, JOB_EVENTS, { jobId, after: begin })
      for (;;) {
        const last = events.at(-1)?.type ?? 'nothing'
        const { value, done } = await inTime(`${jobId} came from ${last} to ${types.join(' or ')}`, stream.next())
        if (done) break
        const { jobEvents: event } = dataOf(value)
        events.push(event)
        if (!types.includes(event.type)) continue
        await stream.return()
        return events
      }
      throw new Error(`The events of ${jobId} ended with ${events.at(-1)?.type}, before ${types.join(' or ')}`)
    },
  }
}
