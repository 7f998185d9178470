import { recordings } from '../alerts/recordings.ts'
import type { RuleFile } from '../alerts/ruleFile.ts'
import { lintExpression } from './lintExpression.ts'
import { readExpression, secondsOf } from './readExpression.ts'

type Rule = RuleFile['groups'][number]['rules'][number]
type AlertRule = Extract<Rule, { alert: string }>

const SEVERITIES = ['critical', 'warning']

/** What is wrong with a rule file beyond what promtool knows, a line each. */
export function lintRules({ groups }: RuleFile): string[] {
  const rules = groups.flatMap((group) => group.rules)
  const names = rules.map(nameOf)
  return [
    ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `there are two rules ${name}`),
    ...rules.flatMap((rule) => {
      const own = 'alert' in rule ? lintAlert(rule) : lintRecordingName(rule.record)
      return [...lintExpression(rule.expr), ...own].map((finding) => `${nameOf(rule)}: ${finding}`)
    }),
  ]
}

const nameOf = (rule: Rule) => ('alert' in rule ? rule.alert : rule.record)

function lintRecordingName(name: string): string[] {
  return /^[a-z_]+:[a-z_]+:[a-z0-9_]+$/.test(name) ? [] : ['is not called level:metric:operations']
}

function lintAlert(rule: AlertRule): string[] {
  const { alert, expr, labels, annotations } = rule
  const findings: string[] = []
  if (!/^Sluice([A-Z][a-z]+)+$/.test(alert)) findings.push('is not called Sluice and what is the matter')
  if (!SEVERITIES.includes(labels.severity)) findings.push(`has the severity ${labels.severity}`)
  if (secondsOf(rule.for) === null) findings.push(`holds for “${rule.for}”`)
  if (readExpression(expr).comparisons === 0)
    findings.push('compares nothing: it would fire for as long as there is data')
  if (!/^[^{}]*(\{\{ \$labels\.\w+ \}\}[^{}]*)*\.$/.test(annotations.summary))
    findings.push('its summary is not one sentence of labels')
  if (!annotations.description.includes('$value')) findings.push('its description does not say how much')
  const kept = labelsOf(expr)
  const used = [...`${annotations.summary}${annotations.description}`.matchAll(/\$labels\.(\w+)/g)]
  for (const [, label = ''] of used) if (!kept.has(label)) findings.push(`its expression drops the label ${label}`)
  return findings
}

/** What the series of an expression are told apart by. */
function labelsOf(expr: string): Set<string> {
  const { groupedBy, selectors } = readExpression(expr)
  const recorded: Record<string, { expr: string }> = recordings
  const inner = selectors.flatMap(({ name }) => [...(recorded[name] ? labelsOf(recorded[name].expr) : [])])
  return new Set([...groupedBy, ...inner])
}
