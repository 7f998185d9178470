import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import * as sdk from '@grafana/grafana-foundation-sdk/dashboard'
import { DATASOURCE, GRID_COLUMNS, refIdAt } from './panels.ts'

/** A dashboard as Grafana 10 to 13 read it from a file. */
export type Dashboard = sdk.Dashboard

export interface DashboardSpec {
  uid: string
  title: string
  description: string
  /** Beside the data source: what can be chosen at the top. */
  variables: readonly Builder<sdk.VariableModel>[]
  rows: readonly Row[]
}
export interface Row {
  title: string
  panels: readonly Builder<sdk.Panel>[]
}

/** The SDK's dashboard, and what it leaves out: ids, refIds, and the layout of rows. */
export function buildDashboard({ uid, title, description, variables, rows }: DashboardSpec): Dashboard {
  const builder = new sdk.DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['sluice', 'generated'])
    .readonly()
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('utc')
    .tooltip(sdk.DashboardCursorSync.Crosshair)
    .withVariable(new sdk.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .annotation(firingAlerts())
  for (const variable of variables) builder.withVariable(variable)
  for (const { title: rowTitle, panels } of rows) {
    builder.withRow(new sdk.RowBuilder(rowTitle))
    for (const panel of panels) builder.withPanel(panel)
  }
  // The builder's queries hold a method, which no file can: a copy has data alone.
  return completed(JSON.parse(JSON.stringify(builder.build())))
}

/** A choice of the values that a label has now: any number of them, or all. */
export function choiceOf(name: string, label: string, values: string): Builder<sdk.VariableModel> {
  return (
    new sdk.QueryVariableBuilder(name)
      .label(label)
      .datasource(DATASOURCE)
      .query(values)
      .refresh(sdk.VariableRefresh.OnTimeRangeChanged)
      .sort(sdk.VariableSort.AlphabeticalAsc)
      .multi(true)
      .includeAll(true)
      .current({ selected: true, text: ['All'], value: ['$__all'] })
      // Also of series without the label, such as those of a cluster that nobody named.
      .allValue('.*')
  )
}

function firingAlerts(): Builder<sdk.AnnotationQuery> {
  return new sdk.AnnotationQueryBuilder()
    .name('Firing alerts')
    .datasource(DATASOURCE)
    .enable(true)
    .hide(false)
    .iconColor('red')
    .expr('ALERTS{alertstate="firing",alertname=~"Sluice.*"}')
    .titleFormat('{{alertname}}')
}

/** Alerts link to a panel by its id, and Grafana joins the queries of a panel by their refIds. */
function completed(dashboard: Dashboard): Dashboard {
  const panels = inRows(dashboard.panels ?? []).map((panel, index) => ({
    ...panel,
    id: index + 1,
    ...('targets' in panel && {
      targets: panel.targets?.map((target, position) => ({ ...target, refId: refIdAt(position) })),
    }),
  }))
  return { ...dashboard, id: null, panels } as Dashboard
}

type AnyPanel = NonNullable<Dashboard['panels']>[number]

/** Left to right, and into the next line where a panel would stick out; the SDK lets it. */
function inRows(panels: readonly AnyPanel[]): AnyPanel[] {
  let [x, y, lineHeight] = [0, 0, 0]
  return panels.map((panel) => {
    const { w, h } = panel.gridPos ?? { w: GRID_COLUMNS, h: 1 }
    if (x + w > GRID_COLUMNS || panel.type === 'row') [x, y, lineHeight] = [0, y + lineHeight, 0]
    const placed = { ...panel, gridPos: { x, y, w, h } }
    ;[x, lineHeight] = [x + w, Math.max(lineHeight, h)]
    return placed
  })
}
