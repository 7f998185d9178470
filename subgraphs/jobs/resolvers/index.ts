import { Job } from './Job.ts'
import { JobConnection } from './JobConnection.ts'
import { cancelJob } from './Mutation/cancelJob.ts'
import { submitJob } from './Mutation/submitJob.ts'
import { PendingReason } from './PendingReason.ts'
import { Pod } from './Pod.ts'
import { job } from './Query/job.ts'
import { jobs } from './Query/jobs.ts'
import { jobEvents } from './Subscription/jobEvents.ts'
import { podEvents } from './Subscription/podEvents.ts'

export const resolvers = {
  Query: { job, jobs },
  Mutation: { submitJob, cancelJob },
  Subscription: { jobEvents, podEvents },
  Job,
  JobConnection,
  PendingReason,
  Pod,
}
