import { catalogue } from '../../platform/telemetry/catalogue.ts'
import type { Metric } from '../../platform/telemetry/metric.ts'
import { recordings } from '../alerts/recordings.ts'
import { dcgmMetrics } from '../promql/dcgm.ts'
import { JOBS } from '../promql/selector.ts'

/** A series that an expression may name. */
export interface KnownSeries {
  /** Only of a counter can one take a rate, and of a counter one should. */
  isCounter: boolean
  /** Its job in Prometheus; null: it comes from Prometheus itself. */
  job: string | null
  /** Beside the target's; null: any. */
  labels: ReadonlySet<string> | null
}

const HISTOGRAM_PARTS = ['_bucket', '_count', '_sum'] as const

/** Everything there can be, by name. */
export const knownSeries: ReadonlyMap<string, KnownSeries> = new Map([
  ...Object.entries<Metric>(catalogue).flatMap(ofMetric),
  ...Object.keys(dcgmMetrics).map((name): [string, KnownSeries] => [
    name,
    { isCounter: false, job: JOBS.dcgm, labels: null },
  ]),
  ...Object.keys(recordings).map((name): [string, KnownSeries] => [
    name,
    { isCounter: false, job: null, labels: null },
  ]),
  ['up', { isCounter: false, job: JOBS.sluice, labels: new Set() }],
])

function ofMetric([name, { kind, labels }]: [string, Metric]): [string, KnownSeries][] {
  const own = new Set(Object.keys(labels))
  if (kind !== 'histogram') return [[name, { isCounter: kind === 'counter', job: JOBS.sluice, labels: own }]]
  return HISTOGRAM_PARTS.map((part) => [
    `${name}${part}`,
    { isCounter: true, job: JOBS.sluice, labels: part === '_bucket' ? new Set([...own, 'le']) : own },
  ])
}
