import { accountingMetrics } from '../platform/telemetry/catalogue/accounting.ts'
import { linkMetrics } from '../platform/telemetry/catalogue/link.ts'
import { processMetrics } from '../platform/telemetry/catalogue/process.ts'
import { requestMetrics } from '../platform/telemetry/catalogue/requests.ts'
import { schedulingMetrics } from '../platform/telemetry/catalogue/scheduling.ts'
import type { LabelValues, Metric, Metrics } from '../platform/telemetry/metric.ts'

const SECTIONS: Record<string, Metrics> = {
  'Requests and subscriptions': requestMetrics,
  'Between the planes': linkMetrics,
  'Queues and decisions': schedulingMetrics,
  'Ledger, audit, retention': accountingMetrics,
  'Process and database': processMetrics,
}

/** docs/guide/metrics.md: the catalogue for people. */
export function metricTable(): string {
  const sections = Object.entries(SECTIONS).map(([title, metrics]) =>
    [`## ${title}`, ...Object.entries<Metric>(metrics).map(([name, metric]) => entry(name, metric))].join('\n'),
  )
  return `${HEAD}\n${sections.join('\n\n')}\n`
}

const HEAD = `<!-- Made by npm run render from platform/telemetry/catalogue. -->
# Metrics
Every metric of Sluice, as \`/metrics\` of each role has it. Labels have the values that stand behind them, or
one for each of what is said; none ever is a job, a pod or a person. How to get at them: [telemetry.md](telemetry.md).
`

function entry(name: string, { kind, labels, meaning, roles, buckets, appearsAfter }: Metric): string {
  const told = Object.entries(labels).map(([label, values]) => `  - \`${label}\`: ${valuesOf(values)}`)
  const limits = buckets ? [`  - buckets up to: ${buckets.join(', ')}`] : []
  const appears = appearsAfter ? [`  - there is none before ${appearsAfter}`] : []
  return [`- **\`${name}\`** (${kind}; ${roles.join(', ')}): ${meaning}`, ...told, ...limits, ...appears].join('\n')
}

function valuesOf(values: LabelValues): string {
  return 'oneForEach' in values ? `one for each ${values.oneForEach}` : values.map((value) => `\`${value}\``).join(' ')
}
