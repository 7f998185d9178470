import { parse } from 'csv-parse/sync'
import { bearer, dataOf } from '../testkit/answers.ts'
import type { CloudTenant } from '../testkit/cloudTenant.ts'
import { until } from '../testkit/until.ts'
import type { CloudClient } from './realCloud.ts'

const COST = 'query Cost($id: ID!) { job(id: $id) { usage { gpuSeconds } cost { amount currency complete } } }'
export interface JobCost {
  usage: { gpuSeconds: string }
  cost: { amount: string; currency: string; complete: boolean }
}
export async function costOf(cloud: CloudClient, tenant: CloudTenant, id: string): Promise<JobCost> {
  return dataOf(await cloud.ask<{ job: JobCost }>(tenant.token, COST, { id })).job
}

const REQUEST =
  'mutation Report($input: RequestExportInput!) { requestExport(input: $input) { export { id } userErrors { message } } }'
const EXPORT = 'query Report($id: ID!) { export(id: $id) { state url } }'
/** Every interval of the tenant so far. */
export async function exportOf(cloud: CloudClient, tenant: CloudTenant): Promise<Record<string, string>[]> {
  const nowMs = Date.now()
  const [from, to] = [nowMs - 3_600_000, nowMs + 60_000].map((ms) => new Date(ms).toISOString())
  const input = { tenantId: tenant.id, from, to, shape: 'INTERVALS', format: 'CSV' }
  const asked = await cloud.ask<{ requestExport: { export: { id: string } } }>(tenant.token, REQUEST, { input })
  const { id } = dataOf(asked).requestExport.export
  const { url } = await until(
    'the export is ready',
    async () =>
      dataOf(await cloud.ask<{ export: { state: string; url: string | null } }>(tenant.token, EXPORT, { id })).export,
    ({ state }) => state === 'READY',
  )
  const answer = await fetch(url ?? '', { headers: bearer(tenant.token) })
  return parse(await answer.text(), { columns: true })
}
