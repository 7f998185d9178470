import { knownSeries } from './knownSeries.ts'
import { readExpression, type Selector } from './readExpression.ts'

/** Of the provisioned Prometheus; fewer than four scrapes in a range, and a missed one makes a gap. */
export const SCRAPE_SECONDS = 15
const SCRAPES_IN_A_RANGE = 4

const TARGET_LABELS = ['job', 'instance', 'role', 'cluster']
const RATE_FUNCTIONS = ['rate', 'increase']

/** What is wrong with an expression, a sentence each. */
export function lintExpression(expr: string): string[] {
  const { errors, selectors } = readExpression(expr)
  return errors.length > 0 ? errors : selectors.flatMap(lintSelector)
}

function lintSelector({ name, matchers, calledBy, rangeSeconds }: Selector): string[] {
  const known = knownSeries.get(name)
  if (known === undefined) return [`${name} is in no catalogue`]
  const findings: string[] = []
  const takesRate = calledBy !== null && RATE_FUNCTIONS.includes(calledBy)
  if (known.job !== null && matchers.get('job') !== `="${known.job}"`) findings.push(`${name} lacks job="${known.job}"`)
  for (const label of matchers.keys()) {
    const isKnown = known.labels === null || known.labels.has(label) || TARGET_LABELS.includes(label)
    if (!isKnown) findings.push(`${name} has no label ${label}`)
  }
  if (takesRate && !known.isCounter) findings.push(`${calledBy}() of ${name}, which is no counter`)
  if (!takesRate && known.isCounter) findings.push(`${name} is a counter: what counts is its rate`)
  if (rangeSeconds !== null && rangeSeconds < SCRAPES_IN_A_RANGE * SCRAPE_SECONDS) {
    findings.push(`${name}: ${rangeSeconds} s are fewer than ${SCRAPES_IN_A_RANGE} scrapes`)
  }
  return findings
}
