import { AdmissionPreview } from './AdmissionPreview.ts'
import { Export } from './Export.ts'
import { Job } from './Job.ts'
import { JobUsage } from './JobUsage.ts'
import { requestExport } from './Mutation/requestExport.ts'
import { exportById } from './Query/export.ts'
import { usage } from './Query/usage.ts'

export const resolvers = {
  Query: { usage, export: exportById },
  Mutation: { requestExport },
  AdmissionPreview,
  Export,
  Job,
  JobUsage,
}
