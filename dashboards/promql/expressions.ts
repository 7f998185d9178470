import type { MetricName, MetricsOf } from '../../platform/telemetry/catalogue.ts'
import { type LabelOf, type Matchers, series } from './selector.ts'

/** Four scrapes or more, whatever the scrape interval: Grafana puts it in. */
export const RATE_INTERVAL = '$__rate_interval'

/** Of a metric: which of its series, kept apart by which labels. */
interface Of<N extends MetricName> {
  by?: readonly LabelOf<N>[]
  where?: Matchers<LabelOf<N>>
}
interface OverTime<N extends MetricName> extends Of<N> {
  range?: string
}

/** Gauges added up. */
export function sum<N extends MetricsOf<'gauge'>>(
  name: N,
  { by = [], where = {} as Matchers<LabelOf<N>> }: Of<N> = {},
): string {
  return `sum${grouping(by)} (${series(name, where)})`
}

/** The largest of gauges: of what several replicas each tell as a whole. */
export function max<N extends MetricsOf<'gauge'>>(
  name: N,
  { by = [], where = {} as Matchers<LabelOf<N>> }: Of<N> = {},
): string {
  return `max${grouping(by)} (${series(name, where)})`
}

/** A counter's growth per second. */
export function rate<N extends MetricsOf<'counter'>>(
  name: N,
  { by = [], where = {} as Matchers<LabelOf<N>>, range = RATE_INTERVAL }: OverTime<N> = {},
): string {
  return `sum${grouping(by)} (rate(${series(name, where)}[${range}]))`
}

/** How many values per second a histogram has taken. */
export function countRate<N extends MetricsOf<'histogram'>>(
  name: N,
  { by = [], where = {} as Matchers<LabelOf<N>>, range = RATE_INTERVAL }: OverTime<N> = {},
): string {
  return `sum${grouping(by)} (rate(${series(name, where, '_count')}[${range}]))`
}

/** What a part `q` of a histogram's recent values stay below. */
export function quantile<N extends MetricsOf<'histogram'>>(
  q: number,
  name: N,
  { by = [], where = {} as Matchers<LabelOf<N>>, range = RATE_INTERVAL }: OverTime<N> = {},
): string {
  return `histogram_quantile(${q}, sum by (${[...by, 'le'].join(', ')}) (rate(${series(name, where, '_bucket')}[${range}])))`
}

/** A histogram's recent values, by bucket. */
export function buckets<N extends MetricsOf<'histogram'>>(
  name: N,
  { where = {} as Matchers<LabelOf<N>> }: Of<N> = {},
): string {
  return `sum by (le) (increase(${series(name, where, '_bucket')}[${RATE_INTERVAL}]))`
}

/** The part of a whole that something is, in per cent; nothing where the whole is 0. */
export function percent(part: string, whole: string): string {
  return `100 * ${part} / (${whole} > 0)`
}

function grouping(labels: readonly PropertyKey[]): string {
  return labels.length === 0 ? '' : ` by (${labels.map(String).join(', ')})`
}
