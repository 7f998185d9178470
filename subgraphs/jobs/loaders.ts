import type DataLoader from 'dataloader'
import { inOrderOf } from '../../platform/graph/context.ts'
import type { Page } from '../../platform/graph/pages.ts'
import { may } from '../../platform/identity/authorize.ts'
import { prefixOf } from '../../platform/ids.ts'
import type { Context } from './context.ts'
import type { JobRecord } from './domain/job.ts'
import type { JobDecision } from './domain/jobDecision.ts'
import type { PodRecord } from './domain/pod.ts'
import { countPodsOnNodes } from './store/countPodsOnNodes.ts'
import { findJobs } from './store/findJobs.ts'
import { listDecisionsOfJobs } from './store/listDecisions.ts'
import { findPods, listPodsOfJobs } from './store/listPods.ts'
import { queuePositions } from './store/queuePositions.ts'

/** null: unknown, or not the caller's to see. */
export function jobLoader(context: Context): DataLoader<string, JobRecord | null> {
  return context.loader('job', async (tx, ids) => {
    const jobs = await findJobs(
      tx,
      ids.filter((id) => prefixOf(id) === 'job'),
    )
    return inOrderOf(
      ids,
      jobs.filter((job) => may(context.identity, 'job.read', job)),
      ({ id }) => id,
    )
  })
}

/** null: unknown, or not the caller's to see. */
export function podLoader(context: Context): DataLoader<string, PodRecord | null> {
  return context.loader('pod', async (tx, ids) => {
    const pods = await findPods(
      tx,
      ids.filter((id) => prefixOf(id) === 'pod'),
    )
    return inOrderOf(
      ids,
      pods.filter((pod) => may(context.identity, 'job.read', pod)),
      ({ id }) => id,
    )
  })
}

/** One loader per page asked for: a list of jobs gets all its pods by one statement. */
export function podsOfJobLoader(context: Context, page: Page): DataLoader<string, PodRecord[]> {
  return context.loader(`pods of job ${page.limit} ${page.after}`, async (tx, jobIds) => {
    const byJob = await listPodsOfJobs(tx, jobIds, page)
    return jobIds.map((id) => byJob.get(id) ?? [])
  })
}

export function currentReplicasLoader(context: Context): DataLoader<string, number> {
  return context.loader('pods on nodes', async (tx, jobIds) => {
    const counts = await countPodsOnNodes(tx, jobIds)
    return jobIds.map((id) => counts.get(id) ?? 0)
  })
}

/** As podsOfJobLoader. */
export function decisionsLoader(context: Context, page: Page): DataLoader<string, JobDecision[]> {
  return context.loader(`decisions about job ${page.limit} ${page.after}`, async (tx, jobIds) => {
    const byJob = await listDecisionsOfJobs(tx, jobIds, page)
    return jobIds.map((id) => byJob.get(id) ?? [])
  })
}

/** null: does not wait (any more). */
export function positionLoader(context: Context): DataLoader<string, number | null> {
  return context.loader('queue position', async (tx, ids) => {
    const positions = await queuePositions(tx, ids)
    return ids.map((id) => positions.get(id) ?? null)
  })
}
