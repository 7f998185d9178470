import type { UserError } from '../testkit/answers.ts'
import { dataOf } from '../testkit/answers.ts'
import type { Cloud } from '../testkit/cloud.ts'
import type { CloudTenant } from '../testkit/cloudTenant.ts'
import { exportIntervals } from '../testkit/intervals.ts'

/** A tenant with something of every kind that a tenant can have. */
export interface Victim extends CloudTenant {
  /** Of its objects, by kind. */
  ids: Record<string, string>
  /** Slugs and names that only it has. */
  names: string[]
  queueName: string
  exportUrl: string
  runningJobId: string
}

const CREATE_QUEUE = `mutation CreateQueue($input: CreateQueueInput!) {
  createQueue(input: $input) { queue { id } userErrors { code message } }
}`

export async function createVictim(cloud: Cloud, slug: string): Promise<Victim> {
  const tenant = await cloud.tenant(slug)
  const queueName = `${slug}-queue`
  const made = await cloud.ask<{ createQueue: { queue: { id: string } | null; userErrors: UserError[] } }>(
    await cloud.operator(),
    CREATE_QUEUE,
    { input: { name: queueName, tenantId: tenant.id } },
  )
  const jobName = `${slug}-job`
  const jobId = await tenant.submitJob({ name: jobName, queue: queueName })
  await tenant.eventsUntil(jobId, 'METERED')
  const runningJobId = await tenant.submitJob({ name: `${jobName}-2`, queue: queueName, runSeconds: 600 })
  await tenant.eventsUntil(runningJobId, 'RUNNING')
  const { pods } = await tenant.job(jobId)
  const exported = await exportIntervals(cloud, tenant)
  return {
    ...tenant,
    queueName,
    runningJobId,
    exportUrl: exported.url,
    ids: {
      tenant: tenant.id,
      project: tenant.projectId,
      queue: dataOf(made).createQueue.queue?.id ?? '',
      job: jobId,
      runningJob: runningJobId,
      pod: pods.edges[0]?.node.id ?? '',
      export: exported.id,
    },
    names: [slug, queueName, jobName],
  }
}

/** What of the victim an answer gives away. What the caller sent itself may come back in the words of a refusal. */
export function leaksOf(
  { ids, names }: Victim,
  { data, errors }: { data?: unknown; errors?: unknown },
  sent: string,
): string[] {
  const secrets = [...Object.values(ids), ...names]
  const objects = JSON.stringify(data, (key, value) => (key === 'userErrors' ? undefined : value)) ?? ''
  const words = JSON.stringify({ data, errors })
  return secrets.filter((secret) => objects.includes(secret) || (words.includes(secret) && !sent.includes(secret)))
}
