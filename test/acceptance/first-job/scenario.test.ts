import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { dataOf } from '../../testkit/answers.ts'
import { startCloud } from '../../testkit/cloud.ts'
import { parseIntervals, secondsOf, sumOf } from '../../testkit/intervals.ts'

const cloud = await startCloud(afterAll, { tour: true })
const [, csvPath = ''] = await cloud.program.says(/Every interval, priced: (\S+)/)
const told = cloud.program.stdout()
const rows = parseIntervals(await readFile(csvPath, 'utf8'))

test('a fresh data folder tells where everything is and how to get a token', () => {
  expect(told).toContain(`${cloud.url}/graphql`)
  expect(told).toContain(cloud.dataDir)
  expect(told).toContain('npm run -s sluice -- token --operator')
})

test('each event of the first job is told in its order', () => {
  const types = [...told.matchAll(/^ +\d{4}-\S+Z +([A-Z_]+)/gm)].map(([, type]) => type)
  expect(types.filter((type) => type !== 'REASON_CHANGED')).toEqual([
    'SUBMITTED',
    'ADMITTED',
    'RUNNING',
    'SUCCEEDED',
    'METERED',
  ])
  expect(cloud.program.stderr()).toBe('')
})

test('its report has a row per device: 2 pods × 4 GPUs, each held as long as its pod', () => {
  expect(rows).toHaveLength(8)
  expect(new Set(rows.map(({ device }) => device)).size).toBe(8)
  expect(new Set(rows.map(({ pod }) => pod)).size).toBe(2)
  expect(new Set(rows.map(({ tenant, project }) => `${tenant}/${project}`))).toEqual(new Set(['acme/research']))
  for (const row of rows) {
    expect(secondsOf(row)).toBeGreaterThan(0)
    expect(row.gpu_seconds).toBe(String(secondsOf(row)))
  }
})

test('what it cost is complete, and is what the rows add up to', async () => {
  const { job } = dataOf(
    await cloud.ask<{
      job: {
        replicas: number
        usage: { gpuSeconds: string }
        cost: { amount: string; currency: string; complete: boolean }
      }
    }>(
      await cloud.operator(),
      'query Cost($id: ID!) { job(id: $id) { replicas usage { gpuSeconds } cost { amount currency complete } } }',
      { id: rows[0]?.job },
    ),
  )
  const currency = rows[0]?.currency
  expect(job).toEqual({
    replicas: 2,
    usage: { gpuSeconds: sumOf(rows, 'gpu_seconds') },
    cost: { amount: sumOf(rows, 'cost'), currency, complete: true },
  })
  expect(told).toContain(`${job.usage.gpuSeconds} GPU-seconds and cost ${job.cost.amount} ${currency}`)
})

test('the usage report of the tenant says the same', async () => {
  const { tenants } = dataOf(
    await cloud.ask<{ tenants: { edges: { node: { id: string } }[] } }>(
      await cloud.operator(),
      'query Tenants { tenants { edges { node { id } } } }',
    ),
  )
  const query = `query Usage($tenantId: ID!, $from: DateTime!, $to: DateTime!) {
    usage(tenantId: $tenantId, from: $from, to: $to, groupBy: []) { rows { gpuSeconds cost } }
  }`
  const [from, to] = [-3_600_000, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString())
  const answer = await cloud.ask<{ usage: { rows: unknown[] } }>(await cloud.operator(), query, {
    tenantId: tenants.edges[0]?.node.id,
    from,
    to,
  })
  expect(dataOf(answer).usage.rows).toEqual([{ gpuSeconds: sumOf(rows, 'gpu_seconds'), cost: sumOf(rows, 'cost') }])
})

test('the file is what its manifest promised', async () => {
  const folder = join(cloud.dataDir, 'exports')
  const manifest = (await readdir(folder)).find((name) => name.endsWith('.manifest.json')) ?? ''
  const { rows: rowCount, sha256 } = JSON.parse(await readFile(join(folder, manifest), 'utf8'))
  expect(rowCount).toBe(rows.length)
  expect(sha256).toBe(
    createHash('sha256')
      .update(await readFile(csvPath))
      .digest('hex'),
  )
})

test('Ctrl-C and a second start: everything is there, and there is no second first job', async () => {
  expect((await cloud.interrupt()).code).toBe(0)
  await cloud.restart()
  const answer = await cloud.ask<{ jobs: { totalCount: number } }>(
    await cloud.operator(),
    'query Jobs { jobs(first: 0) { totalCount } }',
  )
  expect(dataOf(answer).jobs.totalCount).toBe(1)
  expect(cloud.program.stdout()).not.toContain('The first job')
})
