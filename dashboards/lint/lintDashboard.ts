import type { Dashboard } from '../dashboard.ts'
import { DATASOURCE, GRID_COLUMNS } from '../panels.ts'
import { RATE_INTERVAL } from '../promql/expressions.ts'
import { lintExpression } from './lintExpression.ts'

/** As it is in the file, whatever the SDK's types say of it. */
interface PanelFile {
  id?: number
  type: string
  title?: string
  description?: string
  datasource?: { uid?: string }
  gridPos?: { x: number; y: number; w: number; h: number }
  fieldConfig?: { defaults?: { unit?: string } }
  targets?: { refId?: string; expr?: string; legendFormat?: string; datasource?: { uid?: string } }[]
}

/** What is wrong with a dashboard, a line each: after grafana/dashboard-linter's rules, and a few of our own. */
export function lintDashboard(dashboard: Dashboard): string[] {
  const panels = (dashboard.panels ?? []) as unknown as PanelFile[]
  const shown = panels.filter(({ type }) => type !== 'row')
  const variables = dashboard.templating?.list ?? []
  return [
    ...lintHead(dashboard),
    ...duplicates(panels.map(({ id }) => String(id))).map((id) => `two panels have the id ${id}`),
    ...duplicates(shown.map(({ title }) => title ?? '')).map((title) => `two panels are called ${title}`),
    ...overlaps(panels),
    ...shown.flatMap((panel) => lintPanel(panel).map((finding) => `${panel.title ?? 'a panel'}: ${finding}`)),
    ...unknownVariables(panels, new Set(variables.map(({ name }) => name))),
  ].map((finding) => `${dashboard.title}: ${finding}`)
}

function lintHead({ uid, title, description, editable, templating }: Dashboard): string[] {
  const variables = templating?.list ?? []
  return [
    ...(uid && title && description ? [] : ['lacks uid, title or description']),
    ...(editable === false ? [] : ['can be edited, and the next render would undo it']),
    ...(variables[0]?.type === 'datasource' ? [] : ['its first variable is not the data source']),
    ...variables
      .filter(({ type, refresh }) => type === 'query' && refresh !== 2)
      .map(({ name }) => `variable ${name} does not follow the time range`),
  ]
}

function lintPanel({
  id,
  title,
  description,
  datasource,
  gridPos,
  fieldConfig,
  targets = [],
  type,
}: PanelFile): string[] {
  const findings: string[] = []
  if (!id) findings.push('has no id')
  if (!title) findings.push('has no title')
  if (!description) findings.push('has no description')
  if (!fieldConfig?.defaults?.unit) findings.push('has no unit')
  if (datasource?.uid !== DATASOURCE.uid) findings.push('does not take its data source from the variable')
  if (gridPos === undefined || gridPos.x + gridPos.w > GRID_COLUMNS) findings.push('sticks out of the grid')
  if (targets.length === 0) findings.push('asks nothing')
  for (const each of duplicates(targets.map(({ refId }) => refId ?? '')))
    findings.push(`two queries have the refId ${each}`)
  for (const { refId, expr = '', legendFormat, datasource: ofTarget } of targets) {
    const faults = lintExpression(expr)
    if (!refId) faults.push('has no refId')
    if (!legendFormat) faults.push('has no legend')
    if (ofTarget?.uid !== DATASOURCE.uid) faults.push('does not take its data source from the variable')
    const [fixed] = /\[\d\w*\]/.exec(expr) ?? []
    if (fixed !== undefined) faults.push(`has the fixed range ${fixed}, not ${RATE_INTERVAL}`)
    if (type === 'heatmap' && !/by \(le\)/.test(expr)) faults.push('is not by le')
    findings.push(...faults.map((fault) => `query ${refId ?? ''} ${fault}`))
  }
  return findings
}

function overlaps(panels: readonly PanelFile[]): string[] {
  return panels.flatMap((a, index) =>
    panels
      .slice(index + 1)
      .flatMap((b) => (isOverlapping(a.gridPos, b.gridPos) ? [`${a.title} lies on ${b.title}`] : [])),
  )
}

function isOverlapping(a: PanelFile['gridPos'], b: PanelFile['gridPos']): boolean {
  if (a === undefined || b === undefined) return false
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

function unknownVariables(panels: readonly PanelFile[], known: ReadonlySet<string>): string[] {
  const used = new Set(
    panels.flatMap(({ targets = [] }) =>
      targets.flatMap(({ expr = '' }) => [...expr.matchAll(/\$(\w+)/g)].map(([, name = '']) => name)),
    ),
  )
  return [...used]
    .filter((name) => !name.startsWith('__') && !known.has(name))
    .map((name) => `there is no variable ${name}`)
}

function duplicates(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))]
}
