import type DataLoader from 'dataloader'
import { inOrderOf } from '../../platform/graph/context.ts'
import { may } from '../../platform/identity/authorize.ts'
import { prefixOf } from '../../platform/ids.ts'
import { observedThrough } from '../../platform/link/observations.ts'
import type { Context } from './context.ts'
import type { ExportRecord } from './domain/export.ts'
import { findExports } from './store/exportRecords.ts'
import { type JobTotals, jobTotals } from './store/jobTotals.ts'

/** null: unknown, or not the caller's to see. */
export function exportLoader(context: Context): DataLoader<string, ExportRecord | null> {
  return context.loader('export', async (tx, ids) => {
    const found = await findExports(
      tx,
      ids.filter((id) => prefixOf(id) === 'export'),
    )
    return inOrderOf(
      ids,
      found.filter((one) => may(context.identity, 'export.read', one)),
      ({ id }) => id,
    )
  })
}

/** null: a job that nothing is known of here (yet), or not the caller's to see. */
export function jobTotalsLoader(context: Context): DataLoader<string, JobTotals | null> {
  return context.loader('job totals', async (tx, ids) => {
    const totals = await jobTotals(
      tx,
      ids.filter((id) => prefixOf(id) === 'job'),
      await observedThrough(tx),
    )
    return inOrderOf(
      ids,
      totals.filter((one) => may(context.identity, 'usage.read', one)),
      ({ jobId }) => jobId,
    )
  })
}
