import { afterAll, describe, expect, test } from 'vitest'
import { catalogue } from '../../../platform/telemetry/catalogue.ts'
import type { Metric } from '../../../platform/telemetry/metric.ts'
import { startCloud } from '../../testkit/cloud.ts'
import { type Series, seriesIn } from '../../testkit/exposition.ts'
import { opsUrls } from '../../testkit/opsUrls.ts'
import { until } from '../../testkit/until.ts'

const metrics: [string, Metric][] = Object.entries(catalogue)
const cloud = await startCloud(afterAll)
await runSmallWorkload()
/** Of all roles; a worker thread's are as good as a process's. */
const pages = await until('every metric has been recorded', readAll, (pages) => missingIn(pages).length === 0).catch(
  readAll,
)
const series = pages.flatMap(seriesIn)

describe('after a job, its queue and one that waits, there is', () => {
  for (const [name, metric] of metrics) {
    if (metric.appearsAfter !== undefined) continue
    test(name, () => {
      expect(seriesOf(name, metric, series)).not.toHaveLength(0)
    })
  }
})

test('nothing is recorded that is not in the catalogue, or with other labels than it says', () => {
  const strange = series.filter(({ name, labels }) => {
    const [, metric] = metrics.find(([base, { kind }]) => isOf(name, base, kind)) ?? []
    if (metric === undefined) return true
    const { le, ...own } = labels
    const hasAll = Object.keys(own).sort().join() === Object.keys(metric.labels).sort().join()
    return !hasAll || !Object.entries(own).every(([label, value]) => isAllowed(metric.labels[label], value))
  })
  expect(strange).toEqual([])
})

test('each page has each series once', () => {
  for (const page of pages) {
    const lines = seriesIn(page).map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`)
    expect(new Set(lines).size).toBe(lines.length)
  }
})

test('every role says that it is alive and ready', async () => {
  for (const url of opsUrls(cloud)) {
    for (const path of ['/healthz', '/readyz']) expect((await fetch(url + path)).status).toBe(200)
  }
})

test('a GPU-second that is metered is counted', () => {
  const counted = series.filter(({ name }) => name === 'sluice_metering_gpu_seconds_total')
  expect(counted.map(({ labels }) => labels.gpu_model)).toEqual(['H100'])
  expect(counted[0]?.value).toBeGreaterThan(0)
})

/** A job to its end, a queue with a quota of 2, and in it a job that is told to wait; somebody watches. */
async function runSmallWorkload(): Promise<void> {
  const acme = await cloud.tenant('acme')
  const query = 'subscription Events { jobEvents { type } }'
  const stream = cloud.subscribe<object>(acme.token, query)
  const watching = stream.next()
  const gpu = { count: 2, models: ['H100'] }
  await acme.eventsUntil(await acme.submitJob({ resources: { gpu } }), 'METERED')
  await watching
  const quotas = [{ flavor: '*', resource: 'GPU', nominalQuota: '2', borrowingLimit: '0' }]
  const input = { tenantId: acme.id, name: 'small', quotas }
  const create = 'mutation Queue($input: CreateQueueInput!) { createQueue(input: $input) { userErrors { message } } }'
  await cloud.ask(await cloud.operator(), create, { input })
  const queue = 'small'
  await acme.submitJob({ queue, resources: { gpu }, runSeconds: 600 })
  await acme.submitJob({ queue, resources: { gpu }, runSeconds: 600 })
  void stream.next()
}

function readAll(): Promise<string[]> {
  return Promise.all(opsUrls(cloud).map(async (url) => (await fetch(`${url}/metrics`)).text()))
}

function missingIn(pages: readonly string[]): string[] {
  const series = pages.flatMap(seriesIn)
  return metrics
    .filter(([name, metric]) => metric.appearsAfter === undefined && seriesOf(name, metric, series).length === 0)
    .map(([name]) => name)
}

function seriesOf(name: string, { kind }: Metric, series: readonly Series[]): Series[] {
  return series.filter((each) => isOf(each.name, name, kind))
}

function isOf(name: string, base: string, kind: Metric['kind']): boolean {
  return kind === 'histogram' ? ['_bucket', '_sum', '_count'].some((part) => name === base + part) : name === base
}

function isAllowed(values: Metric['labels'][string] | undefined, value: string): boolean {
  return values !== undefined && (!Array.isArray(values) || values.includes(value))
}
