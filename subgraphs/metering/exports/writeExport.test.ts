import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import { Exact } from '../domain/exact.ts'
import { at, device, idOf, pod } from '../testkit/builders.ts'
import { eventually } from '../testkit/eventually.ts'
import { exported, finished, request, rowsOf, withIntervals, writeAgain } from '../testkit/exporting.ts'
import { startMetering } from '../testkit/startMetering.ts'

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
    const parquet = await parquetReadObjects({ file: new Uint8Array(parquetBytes).buffer })
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

test('an export of several pages has every row once, in one order, in every format', async () => {
  const metering = await startMetering()
  await metering.publishTenants()
  const uids = Array.from({ length: 4_500 }, (_, index) => `pod-${String(index).padStart(4, '0')}`)
  for (let first = 0; first < uids.length; first += 500) {
    const some = uids.slice(first, first + 500)
    await metering.observe(at(100), ...some.map((uid) => pod(uid, { devices: [], ...finished(1) })))
  }
  await eventually(async () => (await request(metering, { dryRun: true })).userErrors).toEqual([])
  const { bytes, ...csv } = await exported(metering)
  expect(csv.rows).toBe(4_500)
  expect(rowsOf(bytes).map(({ pod_uid }) => pod_uid)).toEqual(uids)
  const parquet = (await exported(metering, { format: 'PARQUET' })).bytes
  const rows = await parquetReadObjects({ file: new Uint8Array(parquet).buffer, columns: ['pod_uid'] })
  expect(rows.map(({ pod_uid }) => pod_uid)).toEqual(uids)
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
