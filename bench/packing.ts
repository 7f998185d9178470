/**
 * How much of a cluster's GPUs the scheduler fills with the pods of a production trace: all pods of a
 * file once, then pods drawn from it until they ask for 130 % of the GPUs, in random order, placed one by
 * one, none leaving. What fits nowhere is dropped. The figure is allocated GPU ÷ all GPU, over ten seeds.
 *
 *   npm run bench:packing -- --nodes FILE --pods FILE [--pods FILE] [--seed N] [--seeds N] [--placements OUT.csv] [--json]
 *
 * `--seed` is the first seed; `--placements` writes what became of it for the first file, as
 * `pod,node,devices`, and a copy of a pod as `name#1`. `--json` prints the result alone, as it is kept in
 * bench/results/packing.json. Fails where a placement takes more than there is.
 */
import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { readDemands, readNodes, type TraceDemand } from '../bin/replay/trace.ts'
import { machine } from './common/machine.ts'
import { randomFrom } from './common/random.ts'
import { gangFor } from './common/traceModel.ts'
import { defragmented, emptied } from './packing/defragmented.ts'
import { DEMAND_OF_CLUSTER, drawPods, thousandthsOf } from './packing/draw.ts'
import { faultsOf } from './packing/faults.ts'
import { clusterOf, type PackedPod, pack, type Rules } from './packing/pack.ts'

/** Per cent, from Weng et al., USENIX ATC 2023: Fragmentation Gradient Descent, and Best-Fit. */
const PUBLISHED: Record<string, { fgd: number; bestFit: number }> = {
  'openb_pod_list_default.csv': { fgd: 95.39, bestFit: 93.08 },
  'openb_pod_list_gpushare40.csv': { fgd: 94.15, bestFit: 91.69 },
  'openb_pod_list_multigpu20.csv': { fgd: 95.65, bestFit: 93.93 },
  'openb_pod_list_gpuspec10.csv': { fgd: 94.95, bestFit: 93.31 },
  'openb_pod_list_cpu100.csv': { fgd: 95.35, bestFit: 93.44 },
}

/** Pods wait one at a time, the demand is learned from those that came, and all nodes are one pool. */
const AS_THEY_COME: Rules = { lookAhead: 1, demand: 'learned', known: [], pools: 'one' }

const { values } = parseArgs({
  options: {
    nodes: { type: 'string' },
    pods: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '10' },
    placements: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const isWhole = (text: string) => /^\d{1,9}$/.test(text)
if (!values.nodes || !values.pods || !isWhole(values.seed) || !isWhole(values.seeds) || Number(values.seeds) < 1) {
  console.error(
    'npm run bench:packing -- --nodes FILE --pods FILE [--seed N] [--seeds N] [--placements OUT.csv] [--json]',
  )
  process.exit(1)
}
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => Number(values.seed) + i)
const nodes = (await readNodes(values.nodes)).filter((node) => node.gpus > 0)
const clusterThousandths = 1000 * nodes.reduce((sum, node) => sum + node.gpus, 0)
/** The first of all: nothing of it is kept but what `--placements` writes. */
let firstPacking: readonly PackedPod[] | undefined
const files = []
for (const path of values.pods) files.push(figuresOf(basename(path), await readDemands(path)))
if (values.placements !== undefined) await writeFile(values.placements, placementsCsv(firstPacking ?? []))

const result = {
  bench: 'packing',
  ...machine(),
  what: `${100 * DEMAND_OF_CLUSTER} % of ${clusterThousandths / 1000} GPUs asked, of ${basename(values.nodes)}`,
  unit: '% of all GPUs allocated',
  seeds,
  files,
}
if (values.json) console.log(JSON.stringify(result, null, 2))

function figuresOf(name: string, pods: readonly TraceDemand[]) {
  const drawn = seeds.map((seed) => drawPods(pods, clusterThousandths, seed))
  const allocated = (rules: Rules) => allocatedPercent(drawn, rules)
  const asTheyCome = allocated(AS_THEY_COME)
  const figures = {
    file: name,
    mean: asTheyCome.mean,
    published: PUBLISHED[name] ?? null,
    bySeed: asTheyCome.bySeed,
    placementsPerSecond: asTheyCome.placementsPerSecond,
    /** Where others use the machine too, only this one can be compared. */
    placementsPerCpuSecond: asTheyCome.placementsPerCpuSecond,
    /** As the published figures have it: the kinds of pods and how frequent they are stand fixed before the first comes. */
    demandKnownBefore: allocated({ ...AS_THEY_COME, known: pods }).mean,
    /** The demand not looked at: the fullest device, and the node with least left. */
    dense: allocated({ ...AS_THEY_COME, demand: 'ignored' }).mean,
    poolForEachModel: allocated({ ...AS_THEY_COME, pools: 'by model' }).mean,
    /** Once all have come: others are moved for those that found no room. */
    defragmented: defragmentedPercent(drawn),
    /** Of so many that wait at once the largest goes first. */
    lookAhead: {
      100: allocated({ ...AS_THEY_COME, lookAhead: 100 }).mean,
      1000: allocated({ ...AS_THEY_COME, lookAhead: 1000 }).mean,
      all: allocated({ ...AS_THEY_COME, lookAhead: Number.MAX_SAFE_INTEGER }).mean,
    },
  }
  if (!values.json) console.log(inWords(figures))
  return figures
}

function inWords(figures: ReturnType<typeof figuresOf>): string {
  const { file, mean, published, bySeed, demandKnownBefore, dense, poolForEachModel, lookAhead } = figures
  const { defragmented: moved } = figures
  const half = moved.onceHalfHaveEnded
  const beside = published === null ? '' : ` (FGD ${published.fgd}, Best-Fit ${published.bestFit})`
  return [
    `${file}: ${mean} % of ${clusterThousandths / 1000} GPUs allocated${beside}, learning from the pods that came`,
    `  by seed from ${seeds[0]} on: ${bySeed.join(' ')}`,
    `  ${figures.placementsPerSecond} placements a second, ${figures.placementsPerCpuSecond} per second of CPU`,
    `  ${demandKnownBefore} where the demand is known before, ${dense} where it is not looked at`,
    `  ${poolForEachModel} with a flavor for each model`,
    `  ${moved.mean} after ${moved.moves} moves made room for ${moved.placed} of those that had found none`,
    `  once half of them have ended: ${half.wholeNodesBefore} nodes with all GPUs free, ${half.wholeNodesAfter} after ${half.moves} moves`,
    `  looking ahead, largest first: ${lookAhead[100]} of 100 that wait, ${lookAhead[1000]} of 1000, ${lookAhead.all} of all`,
  ].join('\n')
}

function allocatedPercent(drawn: readonly TraceDemand[][], rules: Rules) {
  let placements = 0
  let ms = 0
  let cpuMs = 0
  const bySeed = drawn.map((pods) => {
    const startMs = performance.now()
    const startCpu = process.cpuUsage()
    const packed = pack(nodes, pods, rules)
    const { user, system } = process.cpuUsage(startCpu)
    ms += performance.now() - startMs
    cpuMs += (user + system) / 1000
    placements += packed.length
    firstPacking ??= packed
    refuseFaults(faultsOf(nodes, pods, packed))
    const taken = packed.reduce((sum, { pod }) => sum + thousandthsOf(pod), 0)
    return rounded((100 * taken) / clusterThousandths)
  })
  const mean = rounded(bySeed.reduce((sum, percent) => sum + percent, 0) / bySeed.length)
  const per = (time: number) => Math.round((1000 * placements) / time)
  return { mean, bySeed, placementsPerSecond: per(ms), placementsPerCpuSecond: per(cpuMs) }
}

/** What the plan of moves adds, and what that takes. */
function defragmentedPercent(drawn: readonly TraceDemand[][]) {
  const runs = drawn.map((pods) => {
    const packed = pack(nodes, pods, AS_THEY_COME)
    const found = new Set(packed.map(({ pod }) => pod.name))
    const { snapshot } = clusterOf(nodes, AS_THEY_COME)
    for (const pod of pods) snapshot.noteDemand(gangFor(pod, new Map()))
    const dropped = pods.filter(({ name }) => !found.has(name))
    const after = defragmented(snapshot, 'gpu', packed, dropped)
    refuseFaults(faultsOf(nodes, pods, after.packed))
    const taken = after.packed.reduce((sum, { pod }) => sum + thousandthsOf(pod), 0)
    return { percent: (100 * taken) / clusterThousandths, placed: after.placed, moves: after.moves }
  })
  const mean = (of: (run: (typeof runs)[number]) => number) =>
    rounded(runs.reduce((sum, run) => sum + of(run), 0) / runs.length)
  const ended = drawn.map((pods, i) => {
    const { snapshot } = clusterOf(nodes, AS_THEY_COME)
    return emptied(snapshot, 'gpu', pack(nodes, pods, AS_THEY_COME), randomFrom(seeds[i] ?? 1))
  })
  const meanEnded = (of: (run: (typeof ended)[number]) => number) =>
    rounded(ended.reduce((sum, run) => sum + of(run), 0) / ended.length)
  return {
    mean: mean(({ percent }) => percent),
    placed: mean(({ placed }) => placed),
    moves: mean(({ moves }) => moves),
    /** Nodes with all GPUs free once a random half of the pods has ended, and once others were moved. */
    onceHalfHaveEnded: {
      wholeNodesBefore: meanEnded(({ before }) => before),
      wholeNodesAfter: meanEnded(({ after }) => after),
      moves: meanEnded(({ moves }) => moves),
    },
  }
}

function refuseFaults(faults: readonly string[]): void {
  if (faults.length === 0) return
  console.error(`${faults.length} placements cannot be:\n${faults.slice(0, 10).join('\n')}`)
  process.exit(1)
}

function placementsCsv(packed: readonly PackedPod[]): string {
  const lines = packed.map(({ pod, node, devices }) => {
    return `${pod.name},${node},${devices.map((device) => `${device}:${pod.gpuMilli}`).join(';')}`
  })
  return `${['pod,node,devices', ...lines].join('\n')}\n`
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
