import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkBoundaries } from './check/boundaries.ts'
import { checkBreakingChanges } from './check/breakingChanges.ts'
import { checkContract } from './check/contract.ts'
import { checkDashboardSchema, checkDashboards, checkRendered } from './check/dashboards.ts'
import { checkMigrations, checkResolverTypes, checkSupergraph } from './check/freshness.ts'
import { checkReliability } from './check/reliability.ts'
import { checkRunbooks } from './check/runbooks.ts'
import { runChecks } from './check/runChecks.ts'
import { checkSharedSchema } from './check/sharedSchema.ts'
import { checkStyle, checkTypes } from './check/tools.ts'
import { checkUpgrades } from './check/upgrades.ts'
import { summaryLine } from './counts.ts'

/**
 * `npm run check [-- --contract FILE]`: everything about the code that can be told without running it.
 * --contract: what outside programs rely on, where it is not in `shared` next to the checkout.
 */
const { values } = parseArgs({ options: { contract: { type: 'string' } } })
const root = join(import.meta.dirname, '..')

const counts = await runChecks(
  {
    types: () => checkTypes(root),
    style: () => checkStyle(root),
    boundaries: () => checkBoundaries(root),
    'shared schema': () => checkSharedSchema(root),
    'resolver types': () => checkResolverTypes(root),
    supergraph: () => checkSupergraph(root),
    'breaking changes': () => checkBreakingChanges(root),
    contract: () => checkContract(root, values.contract),
    migrations: () => checkMigrations(root),
    upgrades: async () => checkUpgrades(root),
    rendered: () => checkRendered(root),
    dashboards: () => checkDashboards(),
    runbooks: () => checkRunbooks(root),
    reliability: async () => checkReliability(root),
    'dashboard schema': () => checkDashboardSchema(root),
  },
  { isCi: process.env.CI === 'true', print: console.log },
)
console.log(summaryLine(counts))
process.exitCode = counts.failed > 0 ? 1 : 0
