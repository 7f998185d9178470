import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ExportFile, type Manifest, readExport } from './exportFile.ts'
import { poll } from './poll.ts'
import type { ReplayTenant } from './tenants.ts'

/** One tenant's export, fetched and read. */
export interface TenantExport extends ExportFile {
  tenantId: string
  /** Slug. */
  tenant: string
  path: string
}

const REQUEST = `mutation Report($input: RequestExportInput!) {
  requestExport(input: $input) { export { id } userErrors { message } }
}`
interface Requested {
  requestExport: { export: { id: string } | null; userErrors: { message: string }[] }
}
const STATE = 'query Report($id: ID!) { export(id: $id) { state url rows sha256 } }'
interface State {
  export: { state: string; url: string | null } & Manifest
}
const WAIT = { everyMs: 100, withinMs: 600_000 }

/** Asks for a tenant's intervals as CSV, as that tenant, fetches the file and leaves it in `outDir`. */
export async function exportIntervals(
  tenant: ReplayTenant,
  range: { from: Date; to: Date },
  outDir: string,
): Promise<TenantExport> {
  const { url, ...manifest } = await whenReady(tenant, await request(tenant, range))
  const answer = await fetch(url ?? '', { headers: { authorization: `Bearer ${tenant.token}` } })
  if (!answer.ok) throw new Error(`The download of ${tenant.slug}'s export answered ${answer.status}.`)
  const file = new Uint8Array(await answer.arrayBuffer())
  const path = join(outDir, `${tenant.slug}.csv`)
  await mkdir(outDir, { recursive: true })
  await writeFile(path, file)
  return { tenantId: tenant.id, tenant: tenant.slug, path, ...readExport(file, manifest) }
}

async function request({ id, ask }: ReplayTenant, { from, to }: { from: Date; to: Date }): Promise<string> {
  const range = { from: from.toISOString(), to: to.toISOString() }
  const { requestExport } = await ask<Requested>({
    query: REQUEST,
    variables: { input: { tenantId: id, ...range, shape: 'INTERVALS', format: 'CSV' } },
  })
  if (requestExport.export !== null) return requestExport.export.id
  throw new Error(requestExport.userErrors.map(({ message }) => message).join('; '))
}

function whenReady({ slug, ask }: ReplayTenant, id: string): Promise<State['export']> {
  return poll(`The export of ${slug}`, WAIT, async () => {
    const { export: report } = await ask<State>({ query: STATE, variables: { id } })
    if (report.state === 'FAILED') throw new Error(`The export of ${slug} failed.`)
    return report.state === 'READY' ? report : null
  })
}
