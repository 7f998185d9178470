import { type Counts, sum, summaryLine } from '../counts.ts'
import type { Lane, MissingTool } from './lanes.ts'

export interface LanesOptions {
  /** Where nobody reads a hint to install something: a lane that cannot run has failed. */
  isCi: boolean
  run: (project: string) => Promise<Counts>
  print: (line: string) => void
}

/** One lane after the other, a line for each, then the sum alone on the last line. */
export async function runLanes(lanes: readonly Lane[], options: LanesOptions): Promise<Counts> {
  const outcomes: { line: string; counts: Counts }[] = []
  for (const lane of lanes) outcomes.push(await runLane(lane, options))
  const total = sum(outcomes.map(({ counts }) => counts))
  for (const { line } of outcomes) options.print(line)
  options.print(summaryLine(total))
  return total
}

async function runLane(lane: Lane, { isCi, run, print }: LanesOptions): Promise<{ line: string; counts: Counts }> {
  print(`── ${lane.project}`)
  const missing = await lane.prepare().catch((error: unknown) => asError(error))
  if (missing instanceof Error) return { line: `${lane.project}: ${missing.message}`, counts: FAILED }
  if (missing !== null) return { line: missingLine(lane, missing), counts: isCi ? FAILED : SKIPPED }
  const counts = await run(lane.project)
  return { line: `${lane.project}: ${summaryLine(counts)}`, counts }
}

const FAILED: Counts = { passed: 0, failed: 1, skipped: 0 }
const SKIPPED: Counts = { passed: 0, failed: 0, skipped: 1 }

function missingLine(lane: Lane, { tool, install }: MissingTool): string {
  return `${lane.project}: not run, ${tool} is missing. Install it: ${install}`
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)))
