import { describe, expect, test } from 'vitest'
import { member, operator } from '../../test/testkit/subgraph.ts'
import { at, device, idOf, pod } from './testkit/builders.ts'
import { eventually } from './testkit/eventually.ts'
import { type Metering, startMetering } from './testkit/startMetering.ts'

const TENANT = idOf('tenant', 1)
const USAGE = /* GraphQL */ `
  query ($tenantId: ID!, $from: DateTime!, $to: DateTime!, $groupBy: [UsageDimension!]!) {
    usage(tenantId: $tenantId, from: $from, to: $to, groupBy: $groupBy) {
      meteredThrough
      rows { key { dimension value label } gpuSeconds cpuSeconds cost currency }
    }
  }
`
const COST = /* GraphQL */ `
  query ($ids: [_Any!]!) {
    _entities(representations: $ids) {
      ... on Job {
        id
        usage { gpuSeconds startUpGpuSeconds cpuSeconds memoryMiBSeconds }
        cost { amount currency complete }
      }
    }
  }
`
interface Report {
  usage: {
    meteredThrough: string
    rows: {
      key: { dimension: string; value: string | null; label: string | null }[]
      gpuSeconds: string
      cpuSeconds: string
      cost: string
      currency: string | null
    }[]
  } | null
}

const finished = (seconds: number) => ({ phase: 'Succeeded' as const, finishedAt: at(seconds) })
const me = member(TENANT, 'viewer')

function usageOf(metering: Metering, variables: Record<string, unknown> = {}, as = me) {
  const asked = { tenantId: TENANT, from: at(0), to: at(100_000), groupBy: [], ...variables }
  return metering.ask<Report>(as, USAGE, asked)
}

/** Rows in short: values of the key, GPU-seconds, cost. */
async function rowsOf(metering: Metering, variables: Record<string, unknown>): Promise<unknown[]> {
  const { data } = await usageOf(metering, variables)
  return data.usage?.rows.map(({ key, gpuSeconds, cost }) => [...key.map(({ value }) => value), gpuSeconds, cost]) ?? []
}

/** 100 s of an A100 by job 1, 50 s of half a T4 by job 2, 10 s of cores alone; another tenant's 1,000 s. */
async function withUsage(): Promise<Metering> {
  const metering = await startMetering()
  await metering.publishTenants()
  await metering.publishJob()
  await metering.publishJob({ id: idOf('job', 2), uid: 'job-uid-2', name: 'serve' })
  await metering.observe(
    at(1_000.5),
    pod('a', finished(100)),
    pod('b', { jobUid: 'job-uid-2', devices: [device(1, { model: 'T4', share: '0.5' })], ...finished(50) }),
    pod('c', { jobUid: null, jobId: null, devices: [], cpuMilli: 250, ...finished(10) }),
    pod('d', {
      tenantId: idOf('tenant', 2),
      projectId: idOf('project', 2),
      jobUid: null,
      jobId: null,
      devices: [device(2)],
      ...finished(1_000),
    }),
  )
  await eventually(() => rowsOf(metering, { groupBy: ['JOB'] })).toHaveLength(3)
  return metering
}

describe('usage', () => {
  test('adds up to one row where nothing is asked to be kept apart', async () => {
    const metering = await withUsage()
    const { data } = await usageOf(metering)
    expect(data.usage).toEqual({
      meteredThrough: at(1_000.5),
      rows: [{ key: [], gpuSeconds: '125', cpuSeconds: '227.5', cost: '0.1025', currency: 'USD' }],
    })
  })

  test('is kept apart by what is asked for, in that order, with names for people', async () => {
    const metering = await withUsage()
    const { data } = await usageOf(metering, { groupBy: ['MODEL', 'JOB', 'PROJECT', 'TENANT'] })
    const names = data.usage?.rows.map(({ key }) => key.map(({ label }) => label))
    expect(names).toEqual([
      ['A100', 'train', 'research', 'acme'],
      ['T4', 'serve', 'research', 'acme'],
      [null, null, 'research', 'acme'],
    ])
    expect(data.usage?.rows[0]?.key).toMatchObject([
      { dimension: 'MODEL', value: 'A100' },
      { dimension: 'JOB', value: idOf('job', 1) },
      { dimension: 'PROJECT', value: idOf('project', 1) },
      { dimension: 'TENANT', value: TENANT },
    ])
  })

  test('is cut at the time asked for, so that parts add up to the whole', async () => {
    const metering = await withUsage()
    expect(await rowsOf(metering, { groupBy: ['MODEL'], from: at(20), to: at(70) })).toEqual([
      ['A100', '50', '0.05'],
      ['T4', '15', '0.0015'],
    ])
    expect(await rowsOf(metering, { from: at(99.999), to: at(1_000) })).toEqual([['1', '0.001']])
    expect(await rowsOf(metering, { from: at(100), to: at(1_000) })).toEqual([['0', '0']])
  })

  test('is cut at hours and days of UTC', async () => {
    const metering = await startMetering() // T0 is noon
    await metering.observe(at(50_000), pod('a', { admittedAt: at(3_590), ...finished(43_210) }))
    expect(await rowsOf(metering, { groupBy: ['DAY'] })).toEqual([
      ['2026-03-01', '39610', '39.61'],
      ['2026-03-02', '10', '0.01'],
    ])
    const hours = await rowsOf(metering, { groupBy: ['MODEL', 'HOUR'], to: at(7_300) })
    expect(hours).toEqual([
      ['A100', '2026-03-01T12:00:00Z', '10', '0.01'],
      ['A100', '2026-03-01T13:00:00Z', '3600', '3.6'],
      ['A100', '2026-03-01T14:00:00Z', '100', '0.1'],
    ])
    expect(await rowsOf(metering, { groupBy: ['HOUR', 'DAY'], from: at(43_190) })).toEqual([
      ['2026-03-01T23:00:00Z', '2026-03-01', '10', '0.01'],
      ['2026-03-02T00:00:00Z', '2026-03-02', '10', '0.01'],
    ])
  })

  test('counts what is still held up to when the cluster was observed', async () => {
    const metering = await startMetering()
    await metering.observe(at(30.9), pod('a'))
    expect(await rowsOf(metering, {})).toEqual([['30', '0.03']])
    expect(await rowsOf(metering, { to: at(20) })).toEqual([['20', '0.02']])
    await metering.observe(at(45))
    expect(await rowsOf(metering, {})).toEqual([['45', '0.045']])
  })

  test('of a successor that waits for its predecessor’s end is not counted yet', async () => {
    const metering = await startMetering()
    await metering.observe(at(30), pod('a'), pod('b', { admittedAt: at(20) }))
    expect(await rowsOf(metering, {})).toEqual([['30', '0.03']])
  })

  test('before anything was observed is known up to the beginning asked for', async () => {
    const metering = await startMetering()
    expect((await usageOf(metering)).data.usage).toMatchObject({ meteredThrough: at(0), rows: [{ gpuSeconds: '0' }] })
  })
})

describe('usage is refused', () => {
  const cases: Record<string, [variables: Record<string, unknown>, code: string]> = {
    'of another tenant': [{ tenantId: idOf('tenant', 2) }, 'NOT_FOUND'],
    'of no tenant': [{ tenantId: 'acme' }, 'NOT_FOUND'],
    'of an id that no text of ours can be': [{ tenantId: 'tenant_\0' }, 'NOT_FOUND'],
    'for no time': [{ from: at(5), to: at(5) }, 'BAD_USER_INPUT'],
    backwards: [{ from: at(5), to: at(4) }, 'BAD_USER_INPUT'],
    'from a time that is none': [{ from: 'yesterday' }, 'BAD_USER_INPUT'],
    'from a date without time': [{ from: '2026-03-01' }, 'BAD_USER_INPUT'],
    'for a thousand years': [{ to: '3026-03-01T00:00:00Z' }, 'BAD_USER_INPUT'],
    'by the same twice': [{ groupBy: ['DAY', 'DAY'] }, 'BAD_USER_INPUT'],
  }
  for (const [name, [variables, code]] of Object.entries(cases)) {
    test(name, async () => {
      const metering = await startMetering()
      await metering.publishTenants()
      expect(await usageOf(metering, variables)).toEqual({ data: { usage: null }, codes: [code] })
    })
  }

  test('an operator sees every tenant that exists, and no other', async () => {
    const metering = await withUsage()
    const other = await usageOf(metering, { tenantId: idOf('tenant', 2) }, operator)
    expect(other.data.usage?.rows).toMatchObject([{ gpuSeconds: '1000' }])
    expect((await usageOf(metering, { tenantId: idOf('tenant', 3) }, operator)).codes).toEqual(['NOT_FOUND'])
  })
})

describe('usage and cost of a job', () => {
  const ask = async (metering: Metering, ids: string[], as = me) => {
    const { data } = await metering.ask<{ _entities: Record<string, unknown>[] }>(as, COST, {
      ids: ids.map((id) => ({ __typename: 'Job', id })),
    })
    return data._entities
  }

  test('grow while it runs, and are complete once its outcome is told', async () => {
    const metering = await startMetering()
    await metering.publishJob()
    await metering.observe(at(10), pod('a', { startedAt: at(4) }))
    await eventually(() => ask(metering, [idOf('job', 1)])).toEqual([
      {
        id: idOf('job', 1),
        usage: { gpuSeconds: '10', startUpGpuSeconds: '4', cpuSeconds: '15', memoryMiBSeconds: '10240' },
        cost: { amount: '0.01', currency: 'USD', complete: false },
      },
    ])
    await metering.observe(at(20), pod('a', { startedAt: at(4), ...finished(18) }))
    expect(await ask(metering, [idOf('job', 1)])).toMatchObject([{ cost: { amount: '0.018', complete: false } }])
    await metering.publishJob({ final: true, boundPods: 1 })
    await eventually(() => ask(metering, [idOf('job', 1)])).toMatchObject([
      { usage: { startUpGpuSeconds: '4' }, cost: { amount: '0.018', complete: true } },
    ])
  })

  test('of a job that never ran are complete with nothing', async () => {
    const metering = await startMetering()
    await metering.publishJob({ uid: null, final: true })
    await eventually(() => ask(metering, [idOf('job', 1)])).toMatchObject([
      { usage: { gpuSeconds: '0' }, cost: { amount: '0', currency: 'USD', complete: true } },
    ])
  })

  test('of another tenant’s job are as of one that nobody has heard of', async () => {
    const metering = await withUsage()
    const [theirs, unknown] = await ask(metering, [idOf('job', 1), idOf('job', 9)], member(idOf('tenant', 2)))
    expect({ ...theirs, id: '' }).toEqual({ ...unknown, id: '' })
    expect(unknown).toMatchObject({ usage: { gpuSeconds: '0' }, cost: { amount: '0', complete: false } })
  })
})
