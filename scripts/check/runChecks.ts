import type { Counts } from '../counts.ts'

/** Resolves to what is wrong, a text each; an empty list where nothing is. */
export type Check = () => Promise<string[] | Skipped>
/** @property skipped why the check could not be made, and what would let it be */
export interface Skipped {
  skipped: string
}

export interface ChecksOptions {
  /** Where nobody reads a hint: a check that could not be made has failed. */
  isCi: boolean
  print: (line: string) => void
}

/** One check after the other, a line for each and its findings below it. */
export async function runChecks(checks: Record<string, Check>, { isCi, print }: ChecksOptions): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  for (const [name, check] of Object.entries(checks)) {
    const outcome = await check().catch((error: unknown) => [String(error)])
    const verdict = verdictOf(outcome, isCi)
    counts[verdict]++
    print(`${WORDS[verdict]} ${name}`)
    for (const text of 'skipped' in outcome ? [outcome.skipped] : outcome) print(text.replace(/^/gm, '        '))
  }
  return counts
}

const WORDS: Record<keyof Counts, string> = { passed: 'ok     ', failed: 'failed ', skipped: 'skipped' }

function verdictOf(outcome: string[] | Skipped, isCi: boolean): keyof Counts {
  if ('skipped' in outcome) return isCi ? 'failed' : 'skipped'
  return outcome.length === 0 ? 'passed' : 'failed'
}
