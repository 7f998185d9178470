import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parse } from 'csv-parse/sync'
import { Decimal } from 'decimal.js'
import type { ReplayClients, ReplayTenant } from './tenants.ts'

/** One tenant's intervals as the export gives them, added up from the file itself. */
export interface CheckedExport {
  tenantId: string
  tenant: string
  path: string
  rows: number
  /** Decimal. */
  gpuSeconds: string
  cost: string
  currency: string
  intervals: Interval[]
  /** What about the file contradicts what the API said of it; empty: nothing. */
  faults: string[]
}
export interface Interval {
  device: string
  startMs: number
  endMs: number
  /** Decimal of one device. */
  share: string
}

interface Report {
  state: string
  url: string | null
  rows: number | null
  sha256: string | null
}

const POLL_MS = 100

/** Asks for each tenant's export, as that tenant, and fetches it. */
export async function exportIntervals(
  clients: ReplayClients,
  range: { from: Date; to: Date },
  outDir: string,
): Promise<CheckedExport[]> {
  await mkdir(outDir, { recursive: true })
  const checked: CheckedExport[] = []
  for (const tenant of clients.tenants) checked.push(await exportOf(tenant, range, outDir))
  return checked
}

async function exportOf(
  tenant: ReplayTenant,
  { from, to }: { from: Date; to: Date },
  outDir: string,
): Promise<CheckedExport> {
  const { requestExport } = await tenant.ask<{
    requestExport: { export: { id: string } | null; userErrors: { message: string }[] }
  }>({
    query:
      'mutation Report($input: RequestExportInput!) { requestExport(input: $input) { export { id } userErrors { message } } }',
    variables: {
      input: { tenantId: tenant.id, from: from.toISOString(), to: to.toISOString(), shape: 'INTERVALS', format: 'CSV' },
    },
  })
  if (requestExport.export === null) throw new Error(requestExport.userErrors.map(({ message }) => message).join('; '))
  const report = await whenReady(tenant, requestExport.export.id)
  const answer = await fetch(report.url ?? '', { headers: { authorization: `Bearer ${tenant.token}` } })
  if (!answer.ok) throw new Error(`downloading the export answered ${answer.status}`)
  const file = new Uint8Array(await answer.arrayBuffer())
  const path = join(outDir, `${tenant.slug}.csv`)
  await writeFile(path, file)
  return { tenantId: tenant.id, tenant: tenant.slug, path, ...readExport(file, report) }
}

async function whenReady(tenant: ReplayTenant, id: string): Promise<Report> {
  for (;;) {
    const { export: report } = await tenant.ask<{ export: Report }>({
      query: 'query Report($id: ID!) { export(id: $id) { state url rows sha256 } }',
      variables: { id },
    })
    if (report.state === 'READY') return report
    if (report.state === 'FAILED') throw new Error('the export failed')
    await pause(POLL_MS)
  }
}

function readExport(file: Uint8Array, report: Report) {
  const rows = parse(Buffer.from(file), { columns: true }) as unknown as Record<string, string>[]
  const column = (row: Record<string, string>, name: string) => row[name] ?? ''
  const sum = (name: string) =>
    rows.reduce((total, row) => total.plus(column(row, name) || 0), new Decimal(0)).toFixed()
  const sha256 = createHash('sha256').update(file).digest('hex')
  const wrongProducts = rows.filter(
    (row) => !new Decimal(column(row, 'gpu_seconds')).times(column(row, 'unit_price')).equals(column(row, 'cost')),
  )
  return {
    rows: rows.length,
    gpuSeconds: sum('gpu_seconds'),
    cost: sum('cost'),
    currency: rows[0]?.currency ?? 'USD',
    intervals: rows
      .filter((row) => column(row, 'device') !== '')
      .map((row) => ({
        device: column(row, 'device'),
        startMs: Date.parse(column(row, 'start')),
        endMs: Date.parse(column(row, 'end')),
        share: column(row, 'share'),
      })),
    faults: [
      ...(rows.length === report.rows ? [] : [`the file has ${rows.length} rows, the API said ${report.rows}`]),
      ...(sha256 === report.sha256 ? [] : [`the file's sha-256 is ${sha256}, the API said ${report.sha256}`]),
      ...(wrongProducts.length === 0
        ? []
        : [`${wrongProducts.length} rows cost something else than gpu_seconds × unit_price`]),
    ],
  }
}
