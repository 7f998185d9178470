import type { SyntaxNode } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'
import { RATE_INTERVAL } from '../promql/expressions.ts'

/** What a check wants to know of a PromQL expression. */
export interface Expression {
  /** Where it cannot be read, in words. */
  errors: string[]
  selectors: Selector[]
  /** Labels that aggregations and joins keep. */
  groupedBy: Set<string>
  comparisons: number
}
export interface Selector {
  name: string
  /** By label, as written: `=~"a|b"`. */
  matchers: Map<string, string>
  /** The function right around it: rate, increase; null for none. */
  calledBy: string | null
  rangeSeconds: number | null
}

/** What Grafana would put in, so that a panel's query is an expression. */
const INTERVAL_FOR_READING = '1m'
const COMPARISONS = new Set(['Gtr', 'Gte', 'Lss', 'Lte', 'EqlC', 'Neq'])

export function readExpression(written: string): Expression {
  const text = written.replaceAll(RATE_INTERVAL, INTERVAL_FOR_READING)
  const expression: Expression = { errors: [], selectors: [], groupedBy: new Set(), comparisons: 0 }
  const textOf = (node: SyntaxNode) => text.slice(node.from, node.to)
  parser.parse(text).iterate({
    enter({ node, type }) {
      if (type.isError) expression.errors.push(`cannot be read at “${text.slice(node.from, node.from + 20)}”`)
      if (COMPARISONS.has(type.name)) expression.comparisons++
      if (type.name === 'GroupingLabels') {
        for (const label of node.getChildren('LabelName')) expression.groupedBy.add(textOf(label))
      }
      if (type.name === 'VectorSelector') expression.selectors.push(selectorOf(node, textOf))
    },
  })
  return expression
}

function selectorOf(node: SyntaxNode, textOf: (node: SyntaxNode) => string): Selector {
  const name = node.getChild('Identifier')
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
  const range = node.parent?.name === 'MatrixSelector' ? node.parent.getChild('DurationExpr') : null
  return {
    name: name === null ? '' : textOf(name),
    matchers: new Map(
      matchers.map((matcher) => {
        const label = matcher.getChild('LabelName')
        const labelText = label === null ? '' : textOf(label)
        return [labelText, textOf(matcher).slice(labelText.length)]
      }),
    ),
    calledBy: callOf(node, textOf),
    rangeSeconds: range === null ? null : secondsOf(textOf(range)),
  }
}

function callOf(node: SyntaxNode, textOf: (node: SyntaxNode) => string): string | null {
  const argument = node.parent?.name === 'MatrixSelector' ? node.parent : node
  const call = argument.parent?.name === 'FunctionCallBody' ? argument.parent.parent : null
  const name = call?.getChild('FunctionIdentifier')
  return name === null || name === undefined ? null : textOf(name)
}

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const

/** Of a duration in one unit; null for another. */
export function secondsOf(duration: string): number | null {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(duration) ?? []
  return unit === undefined ? null : Number(amount) * SECONDS[unit as keyof typeof SECONDS]
}
