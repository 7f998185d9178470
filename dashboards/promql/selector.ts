import { catalogue, type LabelsOf, type MetricName } from '../../platform/telemetry/catalogue.ts'
import type { Metric } from '../../platform/telemetry/metric.ts'
import type { DcgmLabel, DcgmName } from './dcgm.ts'

/** Of a label: what it is, or how it compares. */
export type Matcher = string | { readonly operator: '=~' | '!=' | '!~'; readonly value: string }
export const matching = (value: string): Matcher => ({ operator: '=~', value })
export const not = (value: string): Matcher => ({ operator: '!=', value })

/** What a scrape adds to everything that it reads; see scrape.ts. */
export type TargetLabel = 'cluster' | 'role' | 'instance'
export type LabelOf<N extends MetricName> = keyof LabelsOf<N> | TargetLabel
export type Matchers<L extends PropertyKey> = { readonly [label in L]?: Matcher }

/** The names of Prometheus' jobs: every selector has one, so that nobody else's series are counted with ours. */
export const JOBS = { sluice: 'sluice', dcgm: 'dcgm' } as const

type Part = '' | '_bucket' | '_count' | '_sum'

/** A selector for a metric of Sluice: its name and labels are the catalogue's, or it does not compile. */
export function series<N extends MetricName>(
  name: N,
  matchers: Matchers<LabelOf<N>> = {} as Matchers<LabelOf<N>>,
  part: Part = '',
): string {
  const metric: Metric = catalogue[name]
  // A follower keeps a picture of the cluster, too: its gauges would count everything twice.
  const isCopied = metric.kind === 'gauge' && 'replica_role' in metric.labels
  const all: Matchers<string> = {
    job: JOBS.sluice,
    ...(isCopied && { replica_role: not('follower') }),
    ...matchers,
  }
  return `${name}${part}${braces(all)}`
}

/** A selector for one of dcgm-exporter's metrics. */
export function device(name: DcgmName, matchers: Matchers<DcgmLabel | TargetLabel> = {}): string {
  return `${name}${braces({ job: JOBS.dcgm, ...matchers })}`
}

function braces(matchers: Matchers<string>): string {
  const texts = Object.entries(matchers).flatMap(([label, matcher]) => {
    if (matcher === undefined) return []
    const { operator, value } = typeof matcher === 'string' ? { operator: '=', value: matcher } : matcher
    return [`${label}${operator}${JSON.stringify(value)}`]
  })
  return `{${texts.join(',')}}`
}
