import { parse } from 'csv-parse/sync'
import { Decimal } from 'decimal.js'
import { about, bearer, dataOf, type UserError } from './answers.ts'
import type { Cloud } from './cloud.ts'
import { until } from './until.ts'

/** A row of an INTERVALS export, as its CSV has it. */
export interface IntervalRow {
  tenant: string
  project: string
  job: string
  pod: string
  device: string
  model: string
  share: string
  start: string
  end: string
  gpu_seconds: string
  unit_price: string
  cost: string
  currency: string
}

const REQUEST_EXPORT = `mutation RequestExport($input: RequestExportInput!) {
  requestExport(input: $input) { export { id } userErrors { code field message fix } }
}`
const EXPORT = 'query Export($id: ID!) { export(id: $id) { state url rows sha256 failure } }'
const HOUR_MS = 3_600_000

export interface FinishedExport {
  id: string
  url: string
  rows: number
  sha256: string
}

/** Asks for a tenant's intervals of this hour and waits for the file. */
export async function exportIntervals(
  cloud: Pick<Cloud, 'ask'>,
  { id: tenantId, token }: { id: string; token: string },
): Promise<FinishedExport> {
  const [from, to] = [-HOUR_MS, HOUR_MS].map((ms) => new Date(Date.now() + ms).toISOString())
  const asked = await cloud.ask<{ requestExport: { export: { id: string } | null; userErrors: UserError[] } }>(
    token,
    REQUEST_EXPORT,
    { input: { tenantId, from, to, shape: 'INTERVALS', format: 'CSV' } },
  )
  const id = dataOf(asked).requestExport.export?.id
  if (id === undefined) throw new Error(about(asked))
  const { url, rows, sha256 } = await until(
    'the export is ready',
    async () => dataOf(await cloud.ask<{ export: FinishedExport & { state: string } }>(token, EXPORT, { id })).export,
    ({ state }) => state === 'READY',
  )
  return { id, url, rows, sha256 }
}

/** Every interval of the tenant so far, as a client downloads them. */
export async function intervalsOf(
  cloud: Pick<Cloud, 'ask'>,
  tenant: { id: string; token: string },
): Promise<IntervalRow[]> {
  const { url } = await exportIntervals(cloud, tenant)
  const answer = await fetch(url, { headers: bearer(tenant.token) })
  return parseIntervals(await answer.text())
}

export function parseIntervals(csv: string): IntervalRow[] {
  return parse(csv, { columns: true })
}

export function sumOf(rows: readonly IntervalRow[], column: 'gpu_seconds' | 'cost'): string {
  return rows.reduce((sum, row) => sum.plus(row[column]), new Decimal(0)).toString()
}

/** Whole seconds that a row's device was held. */
export function secondsOf({ start, end }: IntervalRow): number {
  return (Date.parse(end) - Date.parse(start)) / 1_000
}
