import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { ReplayResult } from '../../bin/replay/replay.ts'
import type { Spread } from '../../bin/replay/summary.ts'
import { runProgram } from '../testkit/program.ts'
import { trace, traceTest } from '../testkit/trace.ts'

const LOADED = ['--nodes-every', '20', '--max-run', '86400', '--load', '1.3']

/** The command as a person types it. */
async function replay(pods: string, ...options: string[]): Promise<ReplayResult> {
  const folder = await mkdtemp(join(tmpdir(), 'replay-'))
  const args = ['replay', '--nodes', trace.nodes, '--pods', pods, ...options, '--json']
  const program = runProgram(args, { SLUICE_DATA: folder })
  onTestFinished(async () => {
    await program.kill()
    await rm(folder, { recursive: true, force: true })
  })
  const { code } = await program.ended
  expect(program.stdout(), program.stderr()).not.toBe('')
  const result = JSON.parse(program.stdout()) as ReplayResult
  expect(result.verdict.findings.filter(({ holds }) => !holds)).toEqual([])
  expect({ code, passed: result.verdict.passed }).toEqual({ code: 0, passed: true })
  return result
}

/** Over all classes: jobs, and the shortest of the waits that so many of a hundred did not exceed. */
function waitsOf({ jobs }: ReplayResult): Spread[] {
  return Object.values(jobs.waitsByClass)
}

traceTest('149 days of a production cluster pass as they were, and nothing waits', async () => {
  const result = await replay(trace.pods)
  expect(result).toMatchObject({ pods: 8_152, refused: [], jobs: { byPhase: { SUCCEEDED: 8_152 } } })
  expect(waitsOf(result).map(({ p99 }) => p99)).toEqual([0, 0, 0, 0])
})

traceTest('pressed onto 314 GPUs in less than a day they pass as well, and thousands of jobs wait', async () => {
  const result = await replay(trace.pods, ...LOADED)
  expect(result).toMatchObject({ pods: 8_152, refused: [], jobs: { byPhase: { SUCCEEDED: 8_152 } } })
  const { INFERENCE, BATCH } = result.jobs.waitsByClass
  expect(INFERENCE?.p90).toBeGreaterThan(0)
  expect(BATCH?.p90).toBeGreaterThan(0)
  // Of 4,647 and 3,398 jobs, more than half of each waited.
  expect(INFERENCE?.p50).toBeGreaterThan(0)
  expect(BATCH?.p50).toBeGreaterThan(0)
})

traceTest('so do the first 2,500 pods of the variant with more shares of devices', async () => {
  const result = await replay(trace.podsWithMoreShares, ...LOADED, '--limit', '2500')
  expect(result).toMatchObject({ pods: 2_500, refused: [] })
})

traceTest('and of the one with more constraints on models; those that no node has are refused at once', async () => {
  const result = await replay(trace.podsWithMoreModels, ...LOADED, '--limit', '2500')
  expect(result.jobs.jobs + result.refused.length).toBe(2_500)
})
