import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { sql } from 'drizzle-orm'
import type { Claims } from '../../../platform/identity/identity.ts'
import { member } from '../../../test/testkit/subgraph.ts'
import { at, device, idOf, pod } from './builders.ts'
import { eventually } from './eventually.ts'
import { type Metering, startMetering } from './startMetering.ts'

export const TENANT = idOf('tenant', 1)
export const me = member(TENANT, 'developer')
const REQUEST = /* GraphQL */ `
  mutation ($input: RequestExportInput!) {
    requestExport(input: $input) { export { id state url rows progress } userErrors { code field } }
  }
`
const EXPORT = /* GraphQL */ `
  query ($id: ID!) {
    export(id: $id) {
      id state rows sha256 url progress ledgerPosition failure
      manifest { schema columns format from to rows bytes sha256 ledgerPosition }
    }
  }
`
interface Export {
  id: string
  state: string
  rows: number | null
  sha256: string | null
  url: string | null
  progress: number
  ledgerPosition: string
  failure: string | null
  manifest: { rows: number; bytes: string; sha256: string; columns: string[]; ledgerPosition: string } | null
}
interface Requested {
  requestExport: { export: Export | null; userErrors: { code: string; field: string[] }[] } | null
}

export const finished = (seconds: number) => ({ phase: 'Succeeded' as const, finishedAt: at(seconds) })

export async function request(metering: Metering, overrides: Record<string, unknown> = {}, as: Claims = me) {
  const input = { tenantId: TENANT, from: at(0), to: at(100_000), shape: 'INTERVALS', format: 'CSV', ...overrides }
  const { data, codes } = await metering.ask<Requested>(as, REQUEST, { input })
  return { ...data?.requestExport, codes }
}

export async function look(metering: Metering, id: string, as: Claims = me) {
  const { data, codes } = await metering.ask<{ export: Export | null }>(as, EXPORT, { id })
  return { found: data.export, codes }
}

/** A finished export and its bytes. */
export async function exported(metering: Metering, overrides: Record<string, unknown> = {}) {
  const { export: asked, userErrors } = await request(metering, overrides)
  if (!asked) throw new Error(JSON.stringify(userErrors))
  await eventually(async () => (await look(metering, asked.id)).found?.state).toBe('READY')
  const { found } = await look(metering, asked.id)
  if (!found) throw new Error('the export is gone')
  const extension = String(overrides.format ?? 'CSV').toLowerCase()
  return { ...found, bytes: await readFile(join(metering.exportsDir, `${asked.id}.${extension}`)) }
}

export const rowsOf = (bytes: Buffer) => parse(bytes, { columns: true }) as Record<string, string>[]

/** Job 1 held an A100 for 100 s and half a T4 for 7 s; a pod without GPU; one still running; another tenant's. */
export async function withIntervals(): Promise<Metering> {
  const metering = await startMetering()
  await metering.publishTenants()
  await metering.publishJob()
  await metering.observe(
    at(1_000),
    pod('a', { startedAt: at(3), ...finished(100) }),
    pod('b', { devices: [device(1, { model: 'T4', share: '0.5' })], admittedAt: at(5), ...finished(12) }),
    pod('c', { jobUid: null, jobId: null, name: '=1+1', devices: [], admittedAt: at(7), ...finished(9) }),
    pod('running', { devices: [device(3)] }),
    pod('theirs', {
      tenantId: idOf('tenant', 2),
      projectId: idOf('project', 2),
      devices: [device(2)],
      ...finished(50),
    }),
  )
  await eventually(() =>
    metering.database.read({ role: 'ingest' }, (tx) => tx.execute(sql`select 1 from pods where job_id is not null`)),
  ).toHaveLength(3)
  return metering
}

/** As if the process had died while it wrote: the export is RUNNING, and nobody is at it any more. */
export async function writeAgain(metering: Metering, id: string): Promise<void> {
  await metering.database.write({ role: 'ingest' }, (tx) =>
    tx.execute(sql`update exports set state = 'RUNNING', leased_until = '2000-01-01Z' where id = ${id}`),
  )
  metering.deps.wakeups.notify('metering.exports')
  await eventually(async () => (await look(metering, id)).found?.state).toBe('READY')
}
