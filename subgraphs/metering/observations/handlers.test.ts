import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, device, idOf, pod, podGone, T0 } from '../testkit/builders.ts'
import { eventually } from '../testkit/eventually.ts'
import { MemoryLedger } from '../testkit/ledger.ts'
import { clashingLives, numbered, scrambled, storyOf, tiledLives } from '../testkit/lifecycles.ts'
import { type Metering, startMetering } from '../testkit/startMetering.ts'

const JOB = idOf('job', 1)
const finished = (seconds: number) => ({ phase: 'Succeeded' as const, finishedAt: at(seconds) })

const intervals = (metering: Metering) =>
  metering.database.read({ role: 'ingest' }, (tx) =>
    tx.execute(sql`
      select pod_uid, ordinal, state, device, share, extract(epoch from start_at - ${T0}::timestamptz)::integer as start,
             extract(epoch from end_at - ${T0}::timestamptz)::integer as end, ending, clamped, gpu_seconds, cost, price_version
        from intervals order by pod_uid, ordinal`),
  )
const jobOf = (metering: Metering, uid: string) =>
  metering.database.read({ role: 'ingest' }, async (tx) => {
    const [row] = await tx.execute<{ job_id: string | null }>(sql`select job_id from pods where uid = ${uid}`)
    return row?.job_id
  })

describe('intervals', () => {
  test('open with the binding and close with the end, priced by model', async () => {
    const metering = await startMetering()
    await metering.observe(at(1), pod('a', { devices: [device(0), device(1, { model: 'T4', share: '0.5' })] }))
    expect(await intervals(metering)).toMatchObject([
      { ordinal: 0, state: 'OPEN', start: 0, end: null, gpu_seconds: null },
      { ordinal: 1, state: 'OPEN', start: 0, end: null, gpu_seconds: null },
    ])
    await metering.observe(at(10), pod('a', finished(9)))
    expect(await intervals(metering)).toMatchObject([
      { state: 'CLOSED', device: 'GPU-0', share: '1', end: 9, gpu_seconds: '9', cost: '0.009', price_version: 1 },
      { state: 'CLOSED', device: 'GPU-1', share: '0.5', end: 9, gpu_seconds: '4.5', cost: '0.00045', price_version: 1 },
    ])
  })

  test('are not changed by the same records again, in one batch or another', async () => {
    const metering = await startMetering()
    await metering.observe(at(1), pod('a'), pod('a'))
    await metering.observe(at(10), pod('a', finished(9)), pod('a', finished(9)))
    const before = await intervals(metering)
    await metering.observe(at(11), pod('a', finished(9)), podGone('a', at(11)))
    expect(await intervals(metering)).toEqual(before)
  })

  test('that the cluster does not know any more are closed by a resync, as an estimate', async () => {
    const metering = await startMetering()
    await metering.observe(
      at(1),
      pod('a'),
      pod('b', { devices: [device(1)] }),
      pod('c', { devices: [], ...finished(1) }),
    )
    metering.restartAgent()
    await metering.observe(at(20), pod('b', { devices: [device(1)] }))
    await metering.observe(at(21.7), { kind: 'resyncEnd' })
    expect(await intervals(metering)).toMatchObject([
      { pod_uid: 'a', state: 'CLOSED', end: 21, ending: 'RESYNC', gpu_seconds: '21' },
      { pod_uid: 'b', state: 'OPEN', ending: null },
      { pod_uid: 'c', state: 'CLOSED', end: 1, ending: 'FINISHED' },
    ])
  })

  test('cannot be changed or removed once closed, by whoever may write', async () => {
    const metering = await startMetering()
    await metering.observe(at(10), pod('a', finished(9)))
    const attempt = (statement: ReturnType<typeof sql>) =>
      metering.database.write({ role: 'ingest' }, (tx) => tx.execute(statement))
    await expect(attempt(sql`update intervals set cost = 0`)).rejects.toThrow('append-only')
    await expect(attempt(sql`delete from intervals`)).rejects.toThrow('append-only')
  })

  test('are not a tenant’s, nor an operator’s, to write', async () => {
    const metering = await startMetering()
    await metering.observe(at(1), pod('a'))
    for (const actor of [{ role: 'app', tenantId: idOf('tenant', 1) }, { role: 'operator' }] as const) {
      for (const table of ['intervals', 'pods', 'metered_jobs', 'prices']) {
        const attempt = metering.database.write(actor, (tx) => tx.execute(sql`delete from ${sql.raw(table)}`))
        await expect(attempt, `${actor.role} ${table}`).rejects.toMatchObject({ code: '42501' })
      }
    }
  })

  test('of a record that makes no sense are none: it goes to quarantine, the rest is applied', async () => {
    const metering = await startMetering()
    const bad = pod('bad', { devices: [device(1, { share: '7' })] })
    expect(await metering.observe(at(1), bad, pod('a'))).toEqual({ outcome: 'applied', quarantined: 1 })
    expect(await intervals(metering)).toMatchObject([{ pod_uid: 'a' }])
  })

  test('come out as they do in memory, whatever is told in whatever order', async () => {
    const metering = await startMetering()
    const told = fc.oneof(tiledLives, clashingLives).chain((lives) => scrambled(lives.slice(0, 10).flatMap(storyOf)))
    const samples = fc.sample(told, { numRuns: 12, seed: 20260301 })
    for (const [index, batches] of samples.entries()) {
      // Devices and pods of their own for every sample, in one database.
      const own = batches.map((batch) =>
        batch.map((record) =>
          record.kind === 'pod'
            ? {
                ...record,
                uid: `${index}-${record.uid}`,
                devices: record.devices.map((held) => ({ ...held, uuid: `${index}-${held.uuid}` })),
              }
            : record,
        ),
      )
      const memory = new MemoryLedger()
      for (const batch of numbered(own)) memory.apply(batch)
      for (const batch of own) await metering.observe(at(100), ...batch)
      const rows = (await intervals(metering)).filter((row) => String(row.pod_uid).startsWith(`${index}-`))
      expect(rows).toHaveLength(memory.intervals().length)
      const t0 = Date.parse(T0) / 1000
      for (const { podUid, ordinal, state, startSeconds, endSeconds, gpuSeconds, cost } of memory.intervals()) {
        const row = rows.find((candidate) => candidate.pod_uid === podUid && candidate.ordinal === ordinal)
        expect(row).toMatchObject({
          state,
          start: startSeconds === null ? null : startSeconds - t0,
          end: endSeconds === null ? null : endSeconds - t0,
          gpu_seconds: gpuSeconds,
          cost,
        })
      }
    }
  })
})

describe('the job of a pod', () => {
  test('is the one whose Job object owns it, whatever its label claims', async () => {
    const metering = await startMetering()
    await metering.publishJob()
    await metering.publishJob({ id: idOf('job', 2), uid: 'job-uid-2' })
    await metering.observe(at(1), pod('a', { jobId: idOf('job', 2) }))
    await eventually(() => jobOf(metering, 'a')).toBe(JOB)
  })

  test('is the claimed one where its Job object is not known yet and the project is the same', async () => {
    const metering = await startMetering()
    await metering.publishJob({ uid: null })
    await metering.observe(at(1), pod('a'))
    await eventually(() => jobOf(metering, 'a')).toBe(JOB)
  })

  test('is found when its fact arrives later', async () => {
    const metering = await startMetering()
    await metering.observe(at(1), pod('a'), pod('b', { jobId: null }))
    expect(await jobOf(metering, 'a')).toBeNull()
    await metering.publishJob()
    await eventually(() => jobOf(metering, 'a')).toBe(JOB)
    expect(await jobOf(metering, 'b')).toBe(JOB)
  })

  test('is never one of another project, nor another Job object by its label', async () => {
    const metering = await startMetering()
    await metering.publishJob({ projectId: idOf('project', 2), tenantId: idOf('tenant', 2) })
    await metering.publishJob({ id: idOf('job', 2), uid: 'job-uid-2' })
    await metering.publishJob({ id: idOf('job', 3), uid: 'job-uid-3' }) // comes last: once its pod is known, so are the others
    await metering.observe(at(1), pod('a'), pod('b', { jobId: idOf('job', 2) }), pod('c', { jobUid: 'job-uid-3' }))
    await eventually(() => jobOf(metering, 'c')).toBe(idOf('job', 3))
    expect(await jobOf(metering, 'a')).toBeNull()
    expect(await jobOf(metering, 'b')).toBeNull()
  })
})

describe('an outcome is told', () => {
  test('once the job is final and every pod that was bound has ended', async () => {
    const metering = await startMetering()
    await metering.publishJob()
    await metering.observe(at(10), pod('a', finished(9)), pod('b', { devices: [device(1)] }))
    await metering.publishJob({ final: true, boundPods: 2, finishedAt: at(10) })
    await metering.publishJob({ id: idOf('job', 2), uid: null, final: true }) // told after it, so that it has been seen
    await eventually(async () => (await metering.outcomes()).length).toBe(1)
    expect(await metering.outcomes()).toMatchObject([{ id: idOf('job', 2), gpuSeconds: '0', cost: '0' }])

    await metering.observe(at(12), pod('b', { devices: [device(1)], ...finished(11) }))
    expect((await metering.outcomes())[1]).toEqual({
      id: JOB,
      tenantId: idOf('tenant', 1),
      gpuSeconds: '20',
      cost: '0.02',
      currency: 'USD',
      at: at(12),
    })
  })

  test('when the end of the job is heard of after its pods', async () => {
    const metering = await startMetering()
    await metering.observe(at(10), pod('a', finished(9)))
    await metering.publishJob({ final: true, boundPods: 1 })
    await eventually(() => metering.outcomes()).toMatchObject([{ id: JOB, gpuSeconds: '9' }])
  })

  test('not before a pod that jobs saw bound is known here', async () => {
    const metering = await startMetering()
    await metering.publishJob({ final: true, boundPods: 2 })
    await metering.observe(at(10), pod('a', finished(9)))
    await metering.observe(at(12), pod('b', { devices: [device(1)], ...finished(3) }))
    await eventually(() => metering.outcomes()).toMatchObject([{ id: JOB, gpuSeconds: '12' }])
  })

  test('once, however often the job is told of, and again where its figures change', async () => {
    const metering = await startMetering()
    await metering.publishJob({ final: true, boundPods: 1 })
    await metering.observe(at(10), pod('a', finished(9)))
    await eventually(() => metering.outcomes()).toMatchObject([{ id: JOB }])
    const head = await metering.factsHead()
    await metering.publishJob({ final: true, boundPods: 1, finishedAt: at(9) })
    await metering.observe(at(11), pod('a', finished(9)))
    await metering.publishJob({ id: idOf('job', 2), uid: null, final: true })
    await eventually(async () => (await metering.outcomes()).length).toBe(2)
    expect((await metering.outcomes())[0]).toMatchObject({ id: JOB, at: at(10) })
    expect(await metering.factsHead()).not.toBe(head)

    await metering.observe(at(20), pod('late', { devices: [device(2)], ...finished(19) }))
    await eventually(async () => (await metering.outcomes()).at(-1)).toMatchObject({ id: JOB, gpuSeconds: '28' })
  })
})
