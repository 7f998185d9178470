import { expect, test } from 'vitest'
import type { TracePod } from '../../bin/replay/trace.ts'
import { figuresOf } from './figures.ts'
import { type Declares, replay } from './replay.ts'

const node = (name: string) => {
  return {
    name,
    pool: 'v100',
    gpuModel: 'V100',
    gpuCount: 2,
    gpuMemoryMiB: 16_384,
    cpuMilli: 64_000,
    memoryMiB: 65_536,
  }
}
const pod = (row: number, gpus: number, createdSeconds: number, runSeconds: number): TracePod => {
  const asks = { cpuMilli: 1_000, memoryMiB: 1_024, gpus, gpuMilli: 1_000, models: [] }
  return { row, name: `pod-${row}`, class: 'BATCH', createdSeconds, runSeconds, ...asks }
}
/** Both GPUs are half taken when a pod for both comes, and small ones after it. */
const pods = [pod(0, 1, 0, 100), pod(1, 2, 10, 100), pod(2, 1, 20, 60), pod(3, 1, 30, 400), pod(4, 1, 90, 400)]
const workload = { nodes: [node('n1')], pods }

const startsOf = (declares: Declares) =>
  Object.fromEntries(replay(workload, declares).map(({ pod, startedSeconds }) => [pod.name, startedSeconds]))

test('without an end declared small pods go before the one that needs more', () => {
  expect(startsOf(() => null)).toEqual({ 'pod-0': 0, 'pod-2': 20, 'pod-3': 80, 'pod-4': 100, 'pod-1': 500 })
})

test('with ends declared only those go before it that do not put it off', () => {
  const starts = startsOf(({ runSeconds }) => runSeconds)
  expect(starts).toMatchObject({ 'pod-0': 0, 'pod-2': 20, 'pod-1': 100 })
})

test('figures are waits by class and what of the GPUs was used', () => {
  const figures = figuresOf(
    workload,
    replay(workload, () => null),
  )
  expect(figures.wait.severalGpus).toEqual({ pods: 1, mean: 490, p50: 490, p99: 490, max: 490 })
  // 100 + 2 × 100 + 60 + 400 + 400 GPU-seconds of two GPUs in 600 s.
  expect(figures).toMatchObject({ served: 5, makespanSeconds: 600, usefulUtilisation: 96.67 })
})
