import { accountingMetrics } from './catalogue/accounting.ts'
import { linkMetrics } from './catalogue/link.ts'
import { processMetrics } from './catalogue/process.ts'
import { requestMetrics } from './catalogue/requests.ts'
import { schedulingMetrics } from './catalogue/scheduling.ts'

/**
 * Every metric that Sluice has, each defined once: what records it, dashboards, alerts and the guide
 * all read it here.
 */
export const catalogue = {
  ...requestMetrics,
  ...linkMetrics,
  ...schedulingMetrics,
  ...accountingMetrics,
  ...processMetrics,
}

export type Catalogue = typeof catalogue
export type MetricName = keyof Catalogue
/** Names of one kind. */
export type MetricsOf<K extends Catalogue[MetricName]['kind']> = {
  [N in MetricName]: Catalogue[N]['kind'] extends K ? N : never
}[MetricName]

/** What a recording of the metric has to say, no label more and none less. */
export type LabelsOf<N extends MetricName> = [keyof Catalogue[N]['labels']] extends [never]
  ? Record<string, never>
  : {
      readonly [L in keyof Catalogue[N]['labels']]: Catalogue[N]['labels'][L] extends readonly (infer V)[] ? V : string
    }
