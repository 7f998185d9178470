import type { ExportRecord } from './domain/export.ts'
import type { UsageReport } from './domain/reportUsage.ts'
import type { JobTotals } from './store/jobTotals.ts'
import type { UsageRow } from './store/usageRows.ts'

/** Its figures are loaded only where they are asked for. */
export type JobMapper = { id: string }
export type AdmissionPreviewMapper = { pricing: string }
export type JobUsageMapper = Pick<JobTotals, 'gpuSeconds' | 'startUpGpuSeconds' | 'cpuSeconds' | 'memoryMibSeconds'>
export type UsageReportMapper = UsageReport
export type UsageRowMapper = UsageRow
export type ExportMapper = ExportRecord
