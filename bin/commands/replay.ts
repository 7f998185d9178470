import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Command } from '../command.ts'
import { type LoadOptions, loadTrace } from '../replay/load.ts'
import { type ReplayResult, replay as run } from '../replay/replay.ts'
import { reportOf } from '../replay/report.ts'
import { readNodes, readPods } from '../replay/trace.ts'
import { SettingsError } from '../settings.ts'

const INTERRUPTED = 130

export const replay: Command = {
  summary: 'Sends a production trace through the API and holds the ledger against the cluster.',
  usage: 'replay --nodes FILE --pods FILE [--nodes-every K] [--max-run S] [--load X] [--limit N] [--speed N] [--json]',
  async run(args, { dataDir, logLevel }) {
    const { nodes, pods, load, speed, json } = readOptions(args)
    const workload = loadTrace(await readNodes(nodes), await readPods(pods), load)
    const gpus = workload.nodes.reduce((sum, node) => sum + node.gpuCount, 0)
    say(`${workload.pods.length} pods, ${workload.nodes.length} nodes, ${gpus} GPUs`)

    const interrupted = new AbortController()
    // Once: who asks a second time does not want to wait for the end.
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort())
    const startedMs = performance.now()
    let result: ReplayResult
    try {
      result = await run({
        workload,
        speed,
        outDir: join(dataDir, 'replay'),
        logLevel,
        signal: interrupted.signal,
        onProgress: (submitted, second) => say(`${submitted} submitted, second ${second} of the trace`),
      })
    } catch (error) {
      if (!interrupted.signal.aborted) throw error
      say('Interrupted; nothing is left of it.')
      return INTERRUPTED
    }
    const wallSeconds = Math.round((performance.now() - startedMs) / 100) / 10
    process.stdout.write(
      json
        ? `${JSON.stringify({ ...result, wallSeconds }, null, 2)}\n`
        : `${reportOf(result, gpus)}Wall time: ${wallSeconds} s\n`,
    )
    return result.verdict.passed ? 0 : 1
  },
}

interface ReplayArguments {
  nodes: string
  pods: string
  load: LoadOptions
  speed: number | null
  json: boolean
}

/** @throws SettingsError, or parseArgs' own error for options there are not */
function readOptions(args: string[]): ReplayArguments {
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
  const { nodes, pods, json } = values
  if (nodes === undefined || pods === undefined) {
    throw new SettingsError('Which trace?', 'Give --nodes FILE and --pods FILE.')
  }
  const number = (name: 'nodes-every' | 'max-run' | 'load' | 'limit' | 'speed', isWhole: boolean) =>
    values[name] === undefined ? null : positive(name, values[name], isWhole)
  return {
    nodes,
    pods,
    load: {
      nodesEvery: number('nodes-every', true) ?? 1,
      maxRunSeconds: number('max-run', true),
      load: number('load', false),
      limit: number('limit', true),
    },
    speed: number('speed', false),
    json,
  }
}

function positive(name: string, text: string, isWhole: boolean): number {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (number > 0 && Number.isFinite(number) && (!isWhole || Number.isSafeInteger(number))) return number
  throw new SettingsError(`--${name} is "${text}".`, `Give a ${isWhole ? 'whole ' : ''}number above 0.`)
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
