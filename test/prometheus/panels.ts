import type { PrometheusDriver } from 'prometheus-query'
import type { Dashboard } from '../../dashboards/dashboard.ts'
import { CLUSTER_NAME } from '../testkit/roleProcesses.ts'
import { SCRAPE_SECONDS } from './prometheus.ts'

export interface PanelQuery {
  panel: string
  refId: string
  expr: string
}

/** Every query of a dashboard's panels, in their order. */
export function queriesOf(dashboard: Dashboard): PanelQuery[] {
  return (dashboard.panels ?? []).flatMap((panel) => {
    if (!('targets' in panel)) return []
    return (panel.targets ?? []).map((target) => {
      const { expr, refId } = target as unknown as { expr: string; refId: string }
      return { panel: panel.title ?? '', refId, expr }
    })
  })
}

/** Every query of a dashboard's variables: which label's values of which series it offers. */
export function choicesOf(dashboard: Dashboard): { name: string; selector: string; label: string }[] {
  return (dashboard.templating?.list ?? []).flatMap(({ name, type, query }) => {
    if (type !== 'query') return []
    const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(String(query)) ?? []
    return [{ name, selector: filledIn(selector), label }]
  })
}

/** What a person would have chosen: series that lack the label are not found by it. */
const CHOSEN: Record<string, string> = { cluster: CLUSTER_NAME, queue: 'default|research' }

/** As Grafana would send it. */
export function filledIn(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', `${RATE_SCRAPES * SCRAPE_SECONDS}s`)
    .replaceAll(/\$(\w+)/g, (_, variable: string) => CHOSEN[variable] ?? `no such variable: ${variable}`)
}

/** Grafana takes four scrapes or more. */
const RATE_SCRAPES = 10

/** Each series with the values it has had since then, those that are not numbers left out. */
export async function valuesSince(prometheus: PrometheusDriver, expr: string, since: Date): Promise<number[][]> {
  const { result } = await prometheus.rangeQuery(filledIn(expr), since, new Date(), SCRAPE_SECONDS)
  return result
    .map(({ values }) => values.map(({ value }: { value: number }) => value).filter(Number.isFinite))
    .filter((values) => values.length > 0)
}

/** What one panel's figure says now: the value of each of its series. */
export async function figureOf(
  prometheus: PrometheusDriver,
  dashboard: Dashboard,
  panel: string,
  refId = 'A',
): Promise<Record<string, number>> {
  const query = queriesOf(dashboard).find((each) => each.panel === panel && each.refId === refId)
  if (query === undefined) throw new Error(`${dashboard.title} has no panel ${panel}`)
  const { result } = await prometheus.instantQuery(filledIn(query.expr))
  return Object.fromEntries(
    result.map(({ metric, value }) => [Object.values(metric.labels).join(' '), value.value as number]),
  )
}
