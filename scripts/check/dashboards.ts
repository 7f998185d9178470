import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { alerts } from '../../dashboards/alerts/alerts.ts'
import { ruleFile } from '../../dashboards/alerts/ruleFile.ts'
import type { Dashboard } from '../../dashboards/dashboard.ts'
import { lintDashboard } from '../../dashboards/lint/lintDashboard.ts'
import { lintRules } from '../../dashboards/lint/lintRules.ts'
import { allDashboards } from '../../dashboards/render/generatedFiles.ts'
import { renderedFiles } from '../renderedFiles.ts'
import { stale } from './freshness.ts'
import type { Skipped } from './runChecks.ts'

/** What is committed is what the TypeScript says today. */
export async function checkRendered(root: string): Promise<string[]> {
  return stale(root, renderedFiles(), 'npm run render')
}

/** Dashboards and rules keep to our own rules. */
export async function checkDashboards(): Promise<string[]> {
  return [...Object.values(allDashboards()).flatMap(lintDashboard), ...lintRules(ruleFile(alerts))]
}

/**
 * Dashboards are what Grafana reads, by its own JSON schemas. They are kept beside the checkout: a copy here
 * could be bent to fit.
 */
export async function checkDashboardSchema(root: string): Promise<string[] | Skipped> {
  const folder = join(root, '..', 'shared/data/grafana-jsonschema')
  if (!existsSync(folder)) {
    return { skipped: 'there is no folder shared/data/grafana-jsonschema next to the checkout' }
  }
  return Object.values(allDashboards()).flatMap((dashboard) => schemaErrors(folder, dashboard))
}

/** The dashboard's schema leaves queries open: each has the schema of its data source. */
function schemaErrors(folder: string, dashboard: Dashboard): string[] {
  const schemaOf = (name: string): ValidateFunction => {
    const ajv = new Ajv({ strict: false, allErrors: true })
    addFormats.default(ajv)
    return ajv.compile(JSON.parse(readFileSync(join(folder, `${name}.jsonschema.json`), 'utf8')))
  }
  const errorsOf = (validate: ValidateFunction, value: unknown, where: string) =>
    validate(value)
      ? []
      : (validate.errors ?? []).map((error) => `${where}${error.instancePath} ${error.message ?? ''}`)
  const ofQuery = schemaOf('prometheus')
  const queries = (dashboard.panels ?? []).flatMap((panel) => ('targets' in panel ? (panel.targets ?? []) : []))
  return [
    ...errorsOf(schemaOf('dashboard'), dashboard, String(dashboard.title)),
    ...queries.flatMap((query) => errorsOf(ofQuery, query, `${dashboard.title}, a query`)),
  ]
}
