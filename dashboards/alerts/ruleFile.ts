import type { Alert, AlertExample, Recording } from './alert.ts'
import { recordings } from './recordings.ts'

/** A rule file as Prometheus reads it. */
export interface RuleFile {
  groups: { name: string; interval: string; rules: Rule[] }[]
}
type Rule =
  | { record: string; expr: string }
  | {
      alert: string
      expr: string
      for: string
      labels: { severity: string }
      annotations: { summary: string; description: string; runbook_url: string }
    }

/** How often rules are evaluated. */
const INTERVAL = '30s'

/** @param interval a test has no half minute to wait */
export function ruleFile(alerts: readonly Alert[], interval = INTERVAL): RuleFile {
  const records = Object.entries<Omit<Recording, 'name'>>(recordings).map(([record, { expr }]) => ({ record, expr }))
  return {
    groups: [
      { name: 'sluice-recordings', interval, rules: records },
      { name: 'sluice-alerts', interval, rules: alerts.map(ruleOf) },
    ],
  }
}

function ruleOf({ name, severity, expr, for: holds, summary, description }: Alert): Rule {
  return {
    alert: name,
    expr,
    for: holds,
    labels: { severity },
    annotations: { summary, description, runbook_url: runbookOf(name) },
  }
}

/** Within the repository: where its files are served is for the receiver of alerts to know. */
export function runbookOf(alertName: string): string {
  return `docs/runbooks/${alertName}.md`
}

/** One example as promtool's unit test. */
export function exampleTest(ruleFilePath: string, { name, severity, summary }: Alert, example: AlertExample): object {
  const { series, at, firing } = example
  return {
    rule_files: [ruleFilePath],
    evaluation_interval: '1m',
    tests: [
      {
        name: example.name,
        interval: '1m',
        input_series: Object.entries(series).map(([selector, values]) => ({ series: selector, values })),
        alert_rule_test: [
          {
            eval_time: at,
            alertname: name,
            exp_alerts: firing.map(({ labels, description }) => ({
              exp_labels: { severity, ...labels },
              exp_annotations: { summary: withLabels(summary, labels), description, runbook_url: runbookOf(name) },
            })),
          },
        ],
      },
    ],
  }
}

function withLabels(template: string, labels: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? '')
}
