import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { sql } from 'drizzle-orm'
import { parquetReadObjects } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import type { Claims, Identity } from '../../../platform/identity/identity.ts'
import { member, operator } from '../../../test/testkit/subgraph.ts'
import { Exact } from '../domain/exact.ts'
import { at, device, idOf, pod } from '../testkit/builders.ts'
import { eventually } from '../testkit/eventually.ts'
import { type Metering, startMetering } from '../testkit/startMetering.ts'

const TENANT = idOf('tenant', 1)
const me = member(TENANT, 'developer')
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

const finished = (seconds: number) => ({ phase: 'Succeeded' as const, finishedAt: at(seconds) })

async function request(metering: Metering, overrides: Record<string, unknown> = {}, as: Claims = me) {
  const input = { tenantId: TENANT, from: at(0), to: at(100_000), shape: 'INTERVALS', format: 'CSV', ...overrides }
  const { data, codes } = await metering.ask<Requested>(as, REQUEST, { input })
  return { ...data?.requestExport, codes }
}

async function look(metering: Metering, id: string, as: Claims = me) {
  const { data, codes } = await metering.ask<{ export: Export | null }>(as, EXPORT, { id })
  return { found: data.export, codes }
}

/** A finished export and its bytes. */
async function exported(metering: Metering, overrides: Record<string, unknown> = {}) {
  const { export: asked, userErrors } = await request(metering, overrides)
  if (!asked) throw new Error(JSON.stringify(userErrors))
  await eventually(async () => (await look(metering, asked.id)).found?.state).toBe('READY')
  const { found } = await look(metering, asked.id)
  if (!found) throw new Error('the export is gone')
  const extension = String(overrides.format ?? 'CSV').toLowerCase()
  return { ...found, bytes: await readFile(join(metering.exportsDir, `${asked.id}.${extension}`)) }
}

const rowsOf = (bytes: Buffer) => parse(bytes, { columns: true }) as Record<string, string>[]

/** Job 1 held an A100 for 100 s and half a T4 for 7 s; a pod without GPU; one still running; another tenant's. */
async function withIntervals(): Promise<Metering> {
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

describe('an export of intervals', () => {
  test('has a row per pod, device and interval that has ended, of its tenant alone', async () => {
    const metering = await withIntervals()
    const { bytes, ...found } = await exported(metering)
    expect(String(bytes).split('\n')[0]).toMatch(
      /^tenant,project,job,pod,device,model,share,start,end,gpu_seconds,unit_price,cost,currency,/,
    )
    expect(rowsOf(bytes)).toMatchObject([
      {
        tenant: 'acme',
        project: 'research',
        job: idOf('job', 1),
        pod: 'train-a',
        device: 'GPU-0',
        model: 'A100',
        share: '1',
        start: '2026-03-01T12:00:00Z',
        end: '2026-03-01T12:01:40Z',
        gpu_seconds: '100',
        unit_price: '0.001',
        cost: '0.1',
        currency: 'USD',
        job_name: 'train',
        started: '2026-03-01T12:00:03Z',
        cpu_seconds: '150',
        clamped: 'false',
        ending: 'FINISHED',
      },
      { pod: 'train-b', device: 'GPU-1', model: 'T4', share: '0.5', gpu_seconds: '3.5', cost: '0.00035' },
      { pod: "'=1+1", job: '', device: '', model: '', share: '0', gpu_seconds: '0', cost: '0', cpu_seconds: '3' },
    ])
    expect(found).toMatchObject({
      rows: 3,
      progress: 1,
      url: `http://sluice.example/exports/${found.id}`,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })
  })

  test('has its price times its quantity in every row, also where it is clipped', async () => {
    const metering = await withIntervals()
    const { bytes } = await exported(metering, { from: at(6), to: at(50) })
    const rows = rowsOf(bytes)
    expect(rows.map(({ start, end, gpu_seconds }) => [start, end, gpu_seconds])).toEqual([
      ['2026-03-01T12:00:06Z', '2026-03-01T12:00:50Z', '44'],
      ['2026-03-01T12:00:06Z', '2026-03-01T12:00:12Z', '3'],
      ['2026-03-01T12:00:07Z', '2026-03-01T12:00:09Z', '0'],
    ])
    for (const { gpu_seconds = '', unit_price = '', cost = '' } of rows) {
      expect(new Exact(gpu_seconds).times(unit_price).toFixed()).toBe(cost)
    }
  })

  test('has every interval in exactly one of two exports that meet', async () => {
    const metering = await withIntervals()
    await metering.observe(at(2_000), pod('empty', { devices: [device(9)], admittedAt: at(50), ...finished(50) }))
    const early = rowsOf((await exported(metering, { to: at(50) })).bytes)
    const late = rowsOf((await exported(metering, { from: at(50) })).bytes)
    expect(early.map(({ pod_uid }) => pod_uid)).toEqual(['a', 'b', 'c'])
    expect(late.map(({ pod_uid }) => pod_uid)).toEqual(['a', 'empty'])
  })

  test('stands beside its manifest', async () => {
    const metering = await withIntervals()
    const { bytes, ...found } = await exported(metering)
    const written: unknown = JSON.parse(await readFile(join(metering.exportsDir, `${found.id}.manifest.json`), 'utf8'))
    expect(written).toEqual({ ...found.manifest, bytes: bytes.length })
    expect(written).toMatchObject({
      schema: 'sluice.intervals/1',
      format: 'CSV',
      from: '2026-03-01T12:00:00Z',
      rows: 3,
      sha256: found.sha256,
      ledgerPosition: found.ledgerPosition,
    })
    expect(await readdir(metering.exportsDir)).toHaveLength(2)
  })

  test('says the same as JSON lines and as Parquet', async () => {
    const metering = await withIntervals()
    const csv = rowsOf((await exported(metering)).bytes)
    const lines = String((await exported(metering, { format: 'JSONL' })).bytes)
      .trim()
      .split('\n')
    const json = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(Object.keys(json[0] ?? {})).toEqual(Object.keys(csv[0] ?? {}))
    const parquetBytes = (await exported(metering, { format: 'PARQUET' })).bytes
    const file = parquetBytes.buffer.slice(parquetBytes.byteOffset, parquetBytes.byteOffset + parquetBytes.length)
    const parquet = await parquetReadObjects({ file: file as ArrayBuffer })
    const cell = (value: unknown) => (value instanceof Date ? value.toISOString().replace('.000Z', 'Z') : value)
    expect(
      parquet.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, cell(value)]))),
    ).toEqual(json)
    for (const [index, row] of json.entries()) {
      const texts = Object.entries(row).map(([key, value]) => [key, value === null ? '' : String(value)])
      expect({ ...Object.fromEntries(texts), pod: '' }).toEqual({ ...csv[index], pod: '' })
    }
  })

  for (const format of ['CSV', 'JSONL', 'PARQUET']) {
    test(`of no intervals is a ${format} file all the same`, async () => {
      const metering = await withIntervals()
      const found = await exported(metering, { format, from: at(5_000) })
      expect(found).toMatchObject({ rows: 0, manifest: { rows: 0, bytes: String(found.bytes.length) } })
    })
  }
})

describe('the same ledger position gives the same bytes', () => {
  for (const format of ['CSV', 'JSONL', 'PARQUET']) {
    test(`as ${format}, whatever has been metered since`, async () => {
      const metering = await withIntervals()
      const first = await exported(metering, { format })
      await metering.observe(
        at(2_000),
        pod('late', { devices: [device(5)], jobUid: 'other', jobId: null, ...finished(60) }),
      )
      const second = await exported(metering, { format })
      expect(second.ledgerPosition).not.toBe(first.ledgerPosition)
      expect(second.bytes.equals(first.bytes)).toBe(false)

      await rm(join(metering.exportsDir, `${first.id}.${format.toLowerCase()}`))
      await writeAgain(metering, first.id)
      const again = await readFile(join(metering.exportsDir, `${first.id}.${format.toLowerCase()}`))
      expect(again.equals(first.bytes)).toBe(true)
    })
  }

  test('also where a pod’s job became known since', async () => {
    const metering = await startMetering()
    await metering.publishTenants()
    await metering.observe(at(100), pod('a', finished(50)))
    await eventually(async () => (await request(metering, { dryRun: true })).userErrors).toEqual([])
    const first = await exported(metering)
    expect(rowsOf(first.bytes)).toMatchObject([{ job: '', job_name: '' }])
    await metering.publishJob()
    await eventually(async () => rowsOf((await exported(metering)).bytes)[0]?.job).toBe(idOf('job', 1))
    await writeAgain(metering, first.id)
    expect((await readFile(join(metering.exportsDir, `${first.id}.csv`))).equals(first.bytes)).toBe(true)
  })
})

/** As if the process had died while it wrote: the export is RUNNING, and nobody is at it any more. */
async function writeAgain(metering: Metering, id: string): Promise<void> {
  await metering.database.write({ role: 'ingest' }, (tx) =>
    tx.execute(sql`update exports set state = 'RUNNING', leased_until = '2000-01-01Z' where id = ${id}`),
  )
  metering.deps.wakeups.notify('metering.exports')
  await eventually(async () => (await look(metering, id)).found?.state).toBe('READY')
}

describe('the worker', () => {
  test('takes up what another left when it died, and leaves nothing of it behind', async () => {
    const metering = await withIntervals()
    const { id } = await exported(metering)
    await writeFile(join(metering.exportsDir, `.${id}.csv.1.part`), 'half a li')
    await writeAgain(metering, id)
    expect((await readdir(metering.exportsDir)).sort()).toEqual([`${id}.csv`, `${id}.manifest.json`])
  })

  test('leaves alone what another has a lease on', async () => {
    const metering = await withIntervals()
    const { id } = await exported(metering)
    await metering.database.write({ role: 'ingest' }, (tx) =>
      tx.execute(sql`update exports set state = 'RUNNING', leased_until = '2999-01-01Z' where id = ${id}`),
    )
    const later = await exported(metering)
    expect(later.state).toBe('READY')
    expect((await look(metering, id)).found).toMatchObject({ state: 'RUNNING', url: null, manifest: null })
  })

  test('gives up after a few attempts, and says so', async () => {
    const metering = await withIntervals()
    // Where the file should go there is a folder, which no rename replaces.
    const { export: asked } = await request(metering, { to: at(90_000) })
    const id = asked?.id ?? ''
    await eventually(async () => (await look(metering, id)).found?.state).toBe('READY')
    await rm(join(metering.exportsDir, `${id}.csv`))
    await mkdir(join(metering.exportsDir, `${id}.csv`))
    await metering.database.write({ role: 'ingest' }, (tx) =>
      tx.execute(
        sql`update exports set state = 'RUNNING', attempts = 2, leased_until = '2000-01-01Z' where id = ${id}`,
      ),
    )
    metering.deps.wakeups.notify('metering.exports')
    await eventually(async () => (await look(metering, id)).found?.state).toBe('FAILED')
    expect((await look(metering, id)).found).toMatchObject({ url: null, failure: expect.stringContaining('again') })
  })

  test('waits for transactions that were running when it was asked for', async () => {
    const metering = await withIntervals()
    const { promise: isWritten, resolve: written } = Promise.withResolvers<void>()
    const { promise: mayCommit, resolve: commit } = Promise.withResolvers<void>()
    const slow = metering.database.write({ role: 'ingest' }, async (tx) => {
      await tx.execute(sql`
        update pods set seen_epoch = seen_epoch`)
      written()
      await mayCommit
    })
    await isWritten
    const { export: asked } = await request(metering)
    expect((await look(metering, asked?.id ?? '')).found?.state).toBe('PENDING')
    commit()
    await slow
    await eventually(async () => (await look(metering, asked?.id ?? '')).found?.state).toBe('READY')
  })
})

describe('a request', () => {
  const refusals: Record<string, [overrides: Record<string, unknown>, code: string, field: string]> = {
    'of another tenant': [{ tenantId: idOf('tenant', 2) }, 'NOT_FOUND', 'tenantId'],
    'of no tenant': [{ tenantId: '../acme' }, 'NOT_FOUND', 'tenantId'],
    'for no time': [{ from: at(1), to: at(1) }, 'RANGE_INVALID', 'to'],
    'from a time that is none': [{ from: '1.3.2026' }, 'RANGE_INVALID', 'from'],
  }
  for (const [name, [overrides, code, field]] of Object.entries(refusals)) {
    test(`${name} is refused`, async () => {
      const metering = await startMetering()
      await metering.publishTenants()
      expect(await request(metering, overrides)).toMatchObject({ export: null, userErrors: [{ code, field: [field] }] })
    })
  }

  test('of a tenant that does not exist is refused to an operator too', async () => {
    const metering = await startMetering()
    expect(await request(metering, {}, operator)).toMatchObject({ export: null, userErrors: [{ code: 'NOT_FOUND' }] })
  })

  test('by a viewer is denied, and recorded', async () => {
    const metering = await startMetering()
    await metering.publishTenants()
    expect((await request(metering, {}, member(TENANT, 'viewer'))).codes).toEqual(['FORBIDDEN'])
    const audited = await metering.database.read({ role: 'operator' }, (tx) =>
      tx.execute(sql`select action, decision from audit_log`),
    )
    expect(audited).toEqual([{ action: 'requestExport', decision: 'denied' }])
  })

  test('that is dry checks everything and stores nothing', async () => {
    const metering = await startMetering()
    await metering.publishTenants()
    expect(await request(metering, { dryRun: true, idempotencyKey: 'k' })).toMatchObject({
      export: null,
      userErrors: [],
    })
    expect(await request(metering, { dryRun: true, to: at(-1) })).toMatchObject({
      userErrors: [{ code: 'RANGE_INVALID' }],
    })
    const stored = await metering.database.read({ role: 'operator' }, (tx) => tx.execute(sql`select 1 from exports`))
    expect(stored).toEqual([])
  })

  test('under the same key is the same export, and with another input a conflict', async () => {
    const metering = await startMetering()
    await metering.publishTenants()
    const first = await request(metering, { idempotencyKey: 'k' })
    expect((await request(metering, { idempotencyKey: 'k' })).export?.id).toBe(first.export?.id)
    expect(await request(metering, { idempotencyKey: 'k', format: 'JSONL' })).toMatchObject({
      userErrors: [{ code: 'IDEMPOTENCY_CONFLICT' }],
    })
  })
})

describe('a finished export', () => {
  const expiresAtMs = Number.MAX_SAFE_INTEGER
  const download = (metering: Metering, id: string, as: Claims) =>
    metering.subgraph.download?.(id, { ...as, expiresAtMs } as Identity)

  test('is given to those who may read it, by a name and a type', async () => {
    const metering = await withIntervals()
    const { id } = await exported(metering, { format: 'PARQUET' })
    const expected = {
      path: join(metering.exportsDir, `${id}.parquet`),
      fileName: 'intervals-2026-03-01-to-2026-03-02.parquet',
      contentType: 'application/vnd.apache.parquet',
    }
    for (const as of [me, member(TENANT, 'viewer'), operator])
      expect(await download(metering, id, as)).toEqual(expected)
  })

  test('is not there for another tenant, as query, entity or download', async () => {
    const metering = await withIntervals()
    const { id } = await exported(metering)
    const stranger = member(idOf('tenant', 2), 'tenant-admin', 'other')
    expect(await download(metering, id, stranger)).toBeNull()
    expect(await download(metering, id, { kind: 'agent', subject: 'agent', cluster: 'local' })).toBeNull()
    expect(await look(metering, id, stranger)).toEqual({ found: null, codes: ['NOT_FOUND'] })
    const entity = await metering.ask<{ _entities: unknown[] }>(
      stranger,
      'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Export { state } } }',
      { of: [{ __typename: 'Export', id }] },
    )
    expect(entity).toMatchObject({ data: { _entities: [null] }, codes: ['NOT_FOUND'] })
  })

  test('that nobody has made, or whose file is gone, is not there', async () => {
    const metering = await withIntervals()
    const { id } = await exported(metering)
    expect(await download(metering, idOf('export', 9), me)).toBeNull()
    expect(await download(metering, '../etc/passwd', me)).toBeNull()
    await rm(join(metering.exportsDir, `${id}.csv`))
    expect(await download(metering, id, me)).toBeNull()
  })
})
