import type { Connection } from '../../platform/graph/pages.ts'
import type { JobEvent, PodEvent } from './domain/events.ts'
import type { JobView, Pending } from './domain/job.ts'
import type { JobDecision } from './domain/jobDecision.ts'
import type { PodView } from './domain/pod.ts'
import type { JobFilter } from './store/listJobs.ts'

export type JobMapper = JobView
export type JobDecisionMapper = JobDecision
export type PodMapper = PodView
export type JobEventMapper = JobEvent
export type PodEventMapper = PodEvent
/** A reason with the job that it is about: its place in the queue is computed when asked. */
export type PendingReasonMapper = Pending & { jobId: string }
/** A page with the filter it was listed by, so that the total is counted only where it is asked for. */
export type JobConnectionMapper = Connection<JobView> & { eventsCursor: string; filter: JobFilter }
