import { refuse } from '../../../platform/graph/errors.ts'
import { observedThrough } from '../../../platform/link/observations.ts'
import type { Context } from '../context.ts'
import type { QueryUsageArgs, UsageDimension } from '../generated/resolvers.ts'
import { type UsageRow, usageRows } from '../store/usageRows.ts'
import { requireTenant } from './requireTenant.ts'
import { isTimeRange, timeRange } from './timeRange.ts'

export interface UsageReport {
  meteredThrough: Date
  rows: UsageRow[]
}

const MAX_ROWS = 10_000

/** @throws GraphQLError NOT_FOUND, BAD_USER_INPUT */
export async function reportUsage(
  context: Context,
  { tenantId, from, to, groupBy }: QueryUsageArgs,
): Promise<UsageReport> {
  await requireTenant(context, tenantId)
  const range = timeRange(from.toString(), to.toString())
  if (!isTimeRange(range)) throw refuse('BAD_USER_INPUT', range.message)
  const twice = groupBy.find((dimension: UsageDimension, index: number) => groupBy.indexOf(dimension) !== index)
  if (twice) throw refuse('BAD_USER_INPUT', `groupBy has ${twice} twice.`)

  const tx = await context.read()
  const meteredThrough = (await observedThrough(tx)) ?? range.from
  const rows = await usageRows(tx, { tenantId, ...range, groupBy, meteredThrough, limit: MAX_ROWS + 1 })
  if (rows.length > MAX_ROWS) {
    throw refuse(
      'BAD_USER_INPUT',
      `The report has more than ${MAX_ROWS} rows; ask for a shorter time or fewer dimensions.`,
    )
  }
  return { meteredThrough, rows }
}
