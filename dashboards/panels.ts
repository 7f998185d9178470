import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import * as common from '@grafana/grafana-foundation-sdk/common'
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap'
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
import * as table from '@grafana/grafana-foundation-sdk/table'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'

/** Which of Grafana's data sources: the one that the dashboard's variable names. */
export const DATASOURCE = { type: 'prometheus', uid: '$datasource' }
/** Of the grid that Grafana lays panels on. */
export const GRID_COLUMNS = 24

export interface Query {
  expr: string
  /** Grafana's template for the name of a line: `{{queue}}`. */
  legend: string
}
/** What every panel has to say. */
export interface PanelSpec {
  title: string
  /** What it shows and what to make of it, for someone who has never seen it. */
  description: string
  /** Grafana's name of the unit. */
  unit: string
  /** Columns of GRID_COLUMNS. */
  width: number
  queries: readonly Query[]
}

const STAT_HEIGHT = 5
const HEIGHT = 8

/** Lines over time. */
export function lines({
  stacked = false,
  max,
  ...spec
}: PanelSpec & { stacked?: boolean; max?: number }): Builder<Panel> {
  const panel = described(new timeseries.PanelBuilder(), spec)
    .height(HEIGHT)
    .min(0)
    .fillOpacity(stacked ? 30 : 8)
    .showPoints(common.VisibilityMode.Never)
    .legend(legendBelow())
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    )
  if (stacked) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'))
  if (max !== undefined) panel.max(max)
  for (const query of spec.queries) panel.withTarget(target(query))
  return panel
}

/** One number as it is now. @property warnFrom colours it from there on */
export function figure({ warnFrom, ...spec }: PanelSpec & { warnFrom?: number }): Builder<Panel> {
  const steps = [
    { value: null, color: 'green' },
    ...(warnFrom === undefined ? [] : [{ value: warnFrom, color: 'orange' }]),
  ]
  const panel = described(new stat.PanelBuilder(), spec)
    .height(STAT_HEIGHT)
    .graphMode(common.BigValueGraphMode.None)
    // A sum of nothing is no series.
    .noValue('0')
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps))
  for (const query of spec.queries) panel.withTarget(target(query).instant())
  return panel
}

/** A histogram over time: darker where more values fell. Its one query is by `le`. */
export function heat(spec: PanelSpec): Builder<Panel> {
  const panel = described(new heatmap.PanelBuilder(), spec)
    .height(HEIGHT)
    .calculate(false)
    .yAxis(new heatmap.YAxisConfigBuilder().unit(spec.unit))
  for (const query of spec.queries) panel.withTarget(target(query).format(prometheus.PromQueryFormat.Heatmap))
  return panel
}

/**
 * A row for each combination of labels as it is now, a column for each query, named by its legend.
 * @property by the labels, as columns
 */
export function listing({ by, ...spec }: PanelSpec & { by: Readonly<Record<string, string>> }): Builder<Panel> {
  const panel = described(new table.PanelBuilder(), spec).height(HEIGHT)
  for (const query of spec.queries) {
    panel.withTarget(target(query).instant().format(prometheus.PromQueryFormat.Table))
  }
  return panel
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'organize', options: columnsOf(by, spec.queries) })
}

/** Grafana calls the values of the query with refId A `Value #A`, or `Value` where it is the only one. */
function columnsOf(by: Readonly<Record<string, string>>, queries: readonly Query[]) {
  const values = queries.map(({ legend }, index) => [
    queries.length === 1 ? 'Value' : `Value #${refIdAt(index)}`,
    legend,
  ])
  const columns = [...Object.entries(by), ...values]
  return {
    excludeByName: { Time: true },
    indexByName: Object.fromEntries(columns.map(([name], index) => [name, index])),
    renameByName: Object.fromEntries(columns),
  }
}

/** A, B, C: by which a panel tells its queries apart. */
export function refIdAt(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index)
}

/** What the builders of all kinds of panel have in common, though no type says so. */
interface Describable {
  title(text: string): this
  description(text: string): this
  datasource(ref: common.DataSourceRef): this
  span(columns: number): this
  unit(unit: string): this
}

function described<P extends Describable>(panel: P, { title, description, unit, width }: PanelSpec): P {
  return panel.title(title).description(description).datasource(DATASOURCE).span(width).unit(unit)
}

function target({ expr, legend }: Query): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder().datasource(DATASOURCE).expr(expr).legendFormat(legend)
}

function legendBelow(): common.VizLegendOptionsBuilder {
  return new common.VizLegendOptionsBuilder()
    .displayMode(common.LegendDisplayMode.Table)
    .placement(common.LegendPlacement.Bottom)
    .calcs(['lastNotNull', 'max'])
    .showLegend(true)
}
