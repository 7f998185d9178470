import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Command } from '../command.ts'
import { loadTrace } from '../replay/load.ts'
import { replay as run } from '../replay/replay.ts'
import { reportOf } from '../replay/report.ts'
import { readNodes, readPods } from '../replay/trace.ts'
import { SettingsError } from '../settings.ts'

export const replay: Command = {
  summary: 'Sends a production trace through the API and holds the ledger against the cluster.',
  usage: 'replay --nodes FILE --pods FILE [--nodes-every K] [--max-run S] [--load X] [--limit N] [--speed N] [--json]',
  async run(args, { dataDir, logLevel }) {
    const { values } = parseArgs({
      args,
      options: {
        nodes: { type: 'string' },
        pods: { type: 'string' },
        'nodes-every': { type: 'string' },
        'max-run': { type: 'string' },
        load: { type: 'string' },
        limit: { type: 'string' },
        speed: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    })
    if (values.nodes === undefined || values.pods === undefined) {
      throw new SettingsError('Which trace?', 'Give --nodes FILE and --pods FILE.')
    }
    const workload = loadTrace(await readNodes(values.nodes), await readPods(values.pods), {
      nodesEvery: positive('nodes-every', values['nodes-every'], true) ?? 1,
      maxRunSeconds: positive('max-run', values['max-run'], true),
      load: positive('load', values.load),
      limit: positive('limit', values.limit, true),
    })
    const gpus = workload.nodes.reduce((sum, node) => sum + node.gpuCount, 0)
    const startedMs = performance.now()
    process.stderr.write(`${workload.pods.length} pods, ${workload.nodes.length} nodes, ${gpus} GPUs\n`)
    const result = await run({
      workload,
      speed: positive('speed', values.speed),
      outDir: join(dataDir, 'replay'),
      logLevel,
      onProgress: (submitted, second) =>
        process.stderr.write(`${submitted} submitted, second ${second} of the trace\n`),
    })
    const wallSeconds = Math.round((performance.now() - startedMs) / 100) / 10
    if (values.json) {
      const exports = result.exports.map(({ intervals, ...rest }) => ({ ...rest, intervals: intervals.length }))
      process.stdout.write(`${JSON.stringify({ ...result, exports, wallSeconds }, null, 2)}\n`)
    } else {
      process.stdout.write(`${reportOf(result, gpus)}Wall time: ${wallSeconds} s\n`)
    }
    return result.verdict.passed ? 0 : 1
  },
}

/** @throws SettingsError where the option is given and is no number above 0 */
function positive(name: string, value: string | undefined, isWhole = false): number | null {
  if (value === undefined) return null
  const number = Number(value)
  if (!(number > 0) || !Number.isFinite(number) || (isWhole && !Number.isInteger(number))) {
    throw new SettingsError(`--${name} is "${value}".`, `Give a ${isWhole ? 'whole ' : ''}number above 0.`)
  }
  return number
}
