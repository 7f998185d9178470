import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkBoundaries } from './check/boundaries.ts'
import { checkBreakingChanges } from './check/breakingChanges.ts'
import { checkContract } from './check/contract.ts'
import { checkMigrations, checkResolverTypes, checkSupergraph } from './check/freshness.ts'
import { checkSharedSchema } from './check/sharedSchema.ts'
import { checkStyle, checkTypes } from './check/tools.ts'
import { summaryLine } from './counts.ts'

/**
 * `npm run check [-- --contract FILE]`: everything about the code that can be told without running it.
 * --contract: another edition of gateway/contract.graphql to hold the public schema against.
 */
const { values } = parseArgs({ options: { contract: { type: 'string' } } })
const root = join(import.meta.dirname, '..')

const CHECKS: Record<string, (root: string) => Promise<string[]>> = {
  types: checkTypes,
  style: checkStyle,
  boundaries: checkBoundaries,
  'shared schema': checkSharedSchema,
  'resolver types': checkResolverTypes,
  supergraph: checkSupergraph,
  'breaking changes': checkBreakingChanges,
  contract: (root) => checkContract(root, values.contract),
  migrations: checkMigrations,
}

const counts = { passed: 0, failed: 0, skipped: 0 }
for (const [name, check] of Object.entries(CHECKS)) {
  const findings = await check(root).catch((error: unknown) => [String(error)])
  console.log(`${findings.length === 0 ? 'ok    ' : 'failed'} ${name}`)
  for (const finding of findings) console.log(finding.replace(/^/gm, '       '))
  if (findings.length === 0) counts.passed++
  else counts.failed++
}
console.log(summaryLine(counts))
process.exitCode = counts.failed > 0 ? 1 : 0
