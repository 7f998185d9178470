/**
 * A production trace under load, with backfill and without: how long who waits, and how full the cluster is. Every
 * K-th node of the trace, runs capped at a day, arrivals pressed together until as much is asked as the load says;
 * played through the scheduler's own plan in memory, event by event.
 *
 *   npm run bench -- loadedTrace --nodes FILE --pods FILE [--nodes-every K] [--load X]… [--json]
 *
 * Backfill needs to know when jobs end. Of the three ways, `off` declares nothing, so that whoever finds no room is
 * only passed by; `limits` declares the next of 10 minutes, an hour, four hours and a day, as people do; `exact`
 * declares the run itself.
 */
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { loadTrace } from '../bin/replay/load.ts'
import { readNodes, readPods } from '../bin/replay/trace.ts'
import { machine } from './common/machine.ts'
import { figuresOf } from './loadedTrace/figures.ts'
import { type Declares, replay } from './loadedTrace/replay.ts'

const MAX_RUN_SECONDS = 86_400
const LIMITS_SECONDS = [600, 3_600, 14_400, MAX_RUN_SECONDS]

const BACKFILL: Record<string, Declares> = {
  off: () => null,
  limits: ({ runSeconds }) => LIMITS_SECONDS.find((limit) => runSeconds <= limit) ?? MAX_RUN_SECONDS,
  exact: ({ runSeconds }) => runSeconds,
}

const { values } = parseArgs({
  options: {
    nodes: { type: 'string' },
    pods: { type: 'string' },
    'nodes-every': { type: 'string', default: '20' },
    load: { type: 'string', multiple: true, default: ['0.9', '1.1', '1.3'] },
    json: { type: 'boolean', default: false },
  },
})
const nodesEvery = Number(values['nodes-every'])
const loads = values.load.map(Number)
if (!values.nodes || !values.pods || !(nodesEvery >= 1) || loads.some((load) => !(load > 0))) {
  console.error('npm run bench -- loadedTrace --nodes FILE --pods FILE [--nodes-every K] [--load X]… [--json]')
  process.exit(1)
}
const [allNodes, allPods] = [await readNodes(values.nodes), await readPods(values.pods)]
const runs = loads.flatMap((load) => {
  const options = { nodesEvery, maxRunSeconds: MAX_RUN_SECONDS, load, limit: null }
  const workload = loadTrace(allNodes, allPods, options)
  return Object.entries(BACKFILL).map(([backfill, declares]) => {
    const startMs = performance.now()
    const figures = figuresOf(workload, replay(workload, declares))
    const run = { load, backfill, ...figures, seconds: Math.round((performance.now() - startMs) / 100) / 10 }
    if (!values.json) console.log(inWords(run))
    return run
  })
})
const what = `${basename(values.pods)} on every ${nodesEvery}th node of ${basename(values.nodes)}`
if (values.json) console.log(JSON.stringify({ bench: 'loadedTrace', ...machine(), what, runs }, null, 2))

function inWords(run: { load: number; backfill: string } & ReturnType<typeof figuresOf>): string {
  const { load, backfill, wait, allocated, usefulUtilisation } = run
  const { all, severalGpus } = wait
  return [
    `load ${load}, backfill ${backfill}: ${allocated} % allocated while pods come, ${usefulUtilisation} % useful to the end`,
    `  wait of all: mean ${all.mean} s, p50 ${all.p50}, p99 ${all.p99}; of several GPUs: mean ${severalGpus.mean} s, max ${severalGpus.max}`,
  ].join('\n')
}
