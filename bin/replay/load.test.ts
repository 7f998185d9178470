import { describe, expect, test } from 'vitest'
import { trace, traceTest } from '../../test/testkit/trace.ts'
import { gpuSecondsOf, type LoadOptions, loadTrace } from './load.ts'
import { readNodes, readPods, type TraceNode, type TracePod } from './trace.ts'

const AS_IT_IS: LoadOptions = { nodesEvery: 1, maxRunSeconds: null, load: null, limit: null }

const node = (number: number, overrides: Partial<TraceNode> = {}): TraceNode => ({
  name: `n-${number}`,
  cpuMilli: 64_000,
  memoryMiB: 262_144,
  gpus: 2,
  model: 'A10',
  ...overrides,
})
const pod = (row: number, overrides: Partial<TracePod> = {}): TracePod => ({
  row,
  name: `p-${row}`,
  cpuMilli: 1_000,
  memoryMiB: 1_024,
  gpus: 1,
  gpuMilli: 1_000,
  models: [],
  class: 'BATCH',
  createdSeconds: row * 10,
  runSeconds: 100,
  ...overrides,
})
const nodes = Array.from({ length: 7 }, (_, number) => node(number))
const namesOf = (named: readonly { name: string }[]) => named.map(({ name }) => name)

describe('what is kept', () => {
  test('as it is: everything', () => {
    const pods = [pod(0), pod(1)]
    const workload = loadTrace(nodes, pods, AS_IT_IS)
    expect(namesOf(workload.nodes)).toEqual(namesOf(nodes))
    expect(workload.pods).toEqual(pods)
  })

  test('every third node, from the first on', () => {
    expect(namesOf(loadTrace(nodes, [pod(0)], { ...AS_IT_IS, nodesEvery: 3 }).nodes)).toEqual(['n-0', 'n-3', 'n-6'])
  })

  test('the first pods of the file, whenever they were created', () => {
    const pods = [pod(0, { createdSeconds: 9 }), pod(1, { createdSeconds: 7 }), pod(2, { createdSeconds: 8 })]
    expect(namesOf(loadTrace(nodes, pods, { ...AS_IT_IS, limit: 2 }).pods)).toEqual(['p-1', 'p-0'])
  })

  test('long runs up to the cap, short ones as they are', () => {
    const pods = [pod(0, { runSeconds: 99 }), pod(1, { runSeconds: 100 }), pod(2, { runSeconds: 101 })]
    const capped = loadTrace(nodes, pods, { ...AS_IT_IS, maxRunSeconds: 100 }).pods
    expect(capped.map(({ runSeconds }) => runSeconds)).toEqual([99, 100, 100])
  })

  test('pods come in the order of creation, those of one second in the order of the file', () => {
    const pods = [pod(0, { createdSeconds: 5 }), pod(1, { createdSeconds: 4 }), pod(2, { createdSeconds: 5 })]
    expect(namesOf(loadTrace(nodes, pods, AS_IT_IS).pods)).toEqual(['p-1', 'p-0', 'p-2'])
  })

  test('nodes of one model are one pool, with the memory of its devices', () => {
    const of = [node(0), node(1, { model: 'X1' }), node(2, { gpus: 0, model: null })]
    expect(loadTrace(of, [pod(0)], AS_IT_IS).nodes).toMatchObject([
      { pool: 'a10', gpuModel: 'A10', gpuCount: 2, gpuMemoryMiB: 24_576, cpuMilli: 64_000, memoryMiB: 262_144 },
      { pool: 'x1', gpuModel: 'X1', gpuMemoryMiB: 16_384 },
      { pool: 'cpu', gpuModel: null, gpuCount: 0, gpuMemoryMiB: 0 },
    ])
  })
})

describe('a load', () => {
  test('is what is asked over what the GPUs give while pods arrive', () => {
    // 11 × 100 GPU-seconds on 2 GPUs: 550 s of work, which at a load of 5 arrive in 110 s instead of 100.
    const pods = Array.from({ length: 11 }, (_, row) => pod(row, { createdSeconds: 1_000 + row * 10 }))
    const pressed = loadTrace([node(0)], pods, { ...AS_IT_IS, load: 5 }).pods
    expect(pressed.map(({ createdSeconds }) => createdSeconds)).toEqual(pods.map((_, row) => row * 11))
  })

  test('counts shares, several GPUs and capped runs as what they ask', () => {
    const pods = [
      pod(0, { createdSeconds: 0, gpuMilli: 500 }), // 50
      pod(1, { createdSeconds: 50, gpus: 8, runSeconds: 1_000 }), // 800
      pod(2, { createdSeconds: 100, gpus: 0, gpuMilli: 0 }), // none
    ]
    const pressed = loadTrace([node(0)], pods, { ...AS_IT_IS, maxRunSeconds: 100, load: 1 }).pods
    expect(pressed.map(({ createdSeconds }) => createdSeconds)).toEqual([0, 212, 425])
  })

  test('presses the first pods alone where only they are taken', () => {
    const pods = Array.from({ length: 100 }, (_, row) => pod(row))
    const pressed = loadTrace([node(0)], pods, { ...AS_IT_IS, load: 1, limit: 11 }).pods
    expect(pressed.at(-1)?.createdSeconds).toBe(550)
  })

  const impossible: Record<string, { nodes: TraceNode[]; pods: TracePod[] }> = {
    'nodes without GPUs': { nodes: [node(0, { gpus: 0, model: null })], pods: [pod(0), pod(1)] },
    'pods that ask for none': { nodes, pods: [pod(0, { gpus: 0 }), pod(1, { gpus: 0 })] },
    'pods of one instant': { nodes, pods: [pod(0, { createdSeconds: 3 }), pod(1, { createdSeconds: 3 })] },
  }
  for (const [name, { nodes, pods }] of Object.entries(impossible)) {
    test(`cannot be had of ${name}`, () => {
      expect(() => loadTrace(nodes, pods, { ...AS_IT_IS, load: 1.3 })).toThrow(/cannot give a load of 1.3/)
    })
  }
})

describe('the production trace', () => {
  const read = () => Promise.all([readNodes(trace.nodes), readPods(trace.pods)])

  traceTest('asks 185.4 million GPU-seconds over 12,901,761 s', async () => {
    const { pods } = loadTrace(...(await read()), AS_IT_IS)
    expect(Math.round(gpuSecondsOf(pods) / 1e5)).toBe(1_854)
    expect(pods.at(-1)?.createdSeconds).toBe(12_901_761)
  })

  traceTest('loaded once over on every 20th node, with runs of a day at most, arrives in 83,400 s', async () => {
    const loaded = loadTrace(...(await read()), { ...AS_IT_IS, nodesEvery: 20, maxRunSeconds: 86_400, load: 1 })
    expect(loaded.nodes).toHaveLength(61)
    const gpus = loaded.nodes.reduce((sum, { gpuCount }) => sum + gpuCount, 0)
    expect(gpus).toBe(314)
    const spanSeconds = loaded.pods.at(-1)?.createdSeconds ?? 0
    expect(Math.abs(spanSeconds - 83_400)).toBeLessThan(50)
    // Whole seconds: the span may be one short of what the load asks for exactly.
    expect(Math.floor(gpuSecondsOf(loaded.pods) / gpus)).toBe(spanSeconds)
  })
})
