import { afterAll, beforeAll, expect, test } from 'vitest'
import { annotations } from '../../kubernetes/names.ts'
import type { Job } from '../../kubernetes/objects.ts'
import { until } from '../testkit/until.ts'
import { onRealControlPlane } from './realControlPlane.ts'
import { gpuNodes, placesOf, type RealScheduler, startRealScheduler } from './realScheduler.ts'

/** Whether Kubernetes takes the writes that make an elastic Job smaller and larger, and does with its pods what we count on. */
onRealControlPlane((controlPlane) => {
  let real: RealScheduler
  beforeAll(async () => {
    real = await startRealScheduler(controlPlane, gpuNodes('SIMULATED', 'gpu-1'))
  }, 120_000)
  afterAll(() => real?.stop())

  async function sizeOf({ metadata: { namespace = '', name = '' } }: Job) {
    const { metadata, spec } = await real.cluster.get('Job', { namespace, name })
    const { suspend, parallelism, completions } = spec ?? {}
    return { suspend, parallelism, completions, asked: metadata.annotations?.[annotations.count] ?? null }
  }
  const remove = ({ metadata: { namespace = '', name = '' } }: Job) =>
    real.cluster.delete('Job', { namespace, name }, { propagationPolicy: 'Background' })

  test('an elastic Job starts smaller, grows, and asks for all its pods again when it is stopped', async () => {
    const namespace = await real.namespace()
    const other = await real.submit(namespace, { name: 'other', gpus: 5 })
    await real.untilRunning(other, 1)
    const wish = { name: 'elastic', slots: 6, gpus: 1, annotations: { [annotations.minCount]: '2' } }
    const elastic = await real.submit(namespace, wish)
    const first = await real.untilRunning(elastic, 3)
    expect(await sizeOf(elastic)).toEqual({ suspend: false, parallelism: 3, completions: 3, asked: '6' })

    await remove(other)
    const all = await real.untilRunning(elastic, 6)
    expect(await sizeOf(elastic)).toEqual({ suspend: false, parallelism: 6, completions: 6, asked: null })
    expect(all.map(({ metadata }) => metadata.uid)).toEqual(
      expect.arrayContaining(first.map(({ metadata }) => metadata.uid)),
    )
    expect(new Set(placesOf(all)).size).toBe(6)
    await real.expectSameLedgerAfterRestart((now, before) => expect(now).toEqual(before))

    const urgent = await real.submit(namespace, {
      name: 'urgent',
      gpus: 4,
      annotations: { [annotations.class]: 'INFERENCE' },
    })
    await real.untilRunning(urgent, 1)
    // Stopped, it starts again with what is left.
    await real.untilRunning(elastic, 4)
    expect(await sizeOf(elastic)).toEqual({ suspend: false, parallelism: 4, completions: 4, asked: '6' })
    const filler = await real.submit(namespace, {
      name: 'filler',
      gpus: 4,
      annotations: { [annotations.class]: 'INFERENCE' },
    })
    await real.untilRunning(filler, 1)
    const stopped = await until(
      'it is stopped',
      () => sizeOf(elastic),
      ({ suspend }) => suspend === true,
    )
    expect(stopped).toEqual({ suspend: true, parallelism: 6, completions: 6, asked: null })
    await real.clear(namespace)
  }, 180_000)
})
