import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Counts } from '../counts.ts'

/** Runs one vitest project with its output on ours. */
export async function runVitest(project: string, args: readonly string[]): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-lane-'))
  const reportPath = join(folder, 'report.json')
  try {
    const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs')
    const flags = ['run', '--project', project, '--passWithNoTests', '--reporter=default', '--reporter=json']
    const child = spawn(process.execPath, [vitest, ...flags, `--outputFile.json=${reportPath}`, ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const [exitCode] = await once(child, 'close')
    const report: unknown = existsSync(reportPath) ? JSON.parse(readFileSync(reportPath, 'utf8')) : { testResults: [] }
    return countsOf(report as VitestReport, exitCode)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The part of vitest's JSON report that is read here. */
export interface VitestReport {
  testResults: { status: 'passed' | 'failed'; assertionResults: { status: string }[] }[]
}

/**
 * What went wrong outside of any test (a file that does not load, a global setup that fails, an error
 * nobody caught) counts as a failure too: vitest itself tells it by the exit code only.
 */
export function countsOf(report: VitestReport, exitCode: number | null): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  for (const file of report.testResults) {
    const failedBefore = counts.failed
    for (const { status } of file.assertionResults) {
      if (status === 'passed') counts.passed++
      else if (status === 'failed') counts.failed++
      else counts.skipped++
    }
    if (file.status === 'failed' && counts.failed === failedBefore) counts.failed++
  }
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}
