import { assert, describe, test } from 'vitest'
import { alerts } from '../alerts/alerts.ts'
import { ruleFile } from '../alerts/ruleFile.ts'
import type { Dashboard } from '../dashboard.ts'
import { queuesDashboard } from '../queues.ts'
import { lintDashboard } from './lintDashboard.ts'
import { lintExpression } from './lintExpression.ts'
import { lintRules } from './lintRules.ts'

describe('an expression', () => {
  const cases: Record<string, { expr: string; want: string[] }> = {
    'of what there is, over enough scrapes: nothing': {
      expr: 'sum by (result) (rate(sluice_binds_total{job="sluice",cluster="a"}[1m]))',
      want: [],
    },
    'that does not parse': {
      expr: 'sum(rate(up{job="sluice"[5m]))',
      want: ['cannot be read at “[5m]))”'],
    },
    'with a misspelt name': {
      expr: 'sum(sluice_pending_workload{job="sluice"})',
      want: ['sluice_pending_workload is in no catalogue'],
    },
    'that would count somebody else’s series': {
      expr: 'sum(DCGM_FI_DEV_POWER_USAGE)',
      want: ['DCGM_FI_DEV_POWER_USAGE lacks job="dcgm"'],
    },
    'with a label that the metric does not have': {
      expr: 'sum(sluice_pending_workloads{job="sluice",tenant="a"})',
      want: ['sluice_pending_workloads has no label tenant'],
    },
    'with the rate of a gauge': {
      expr: 'rate(sluice_pending_workloads{job="sluice"}[5m])',
      want: ['rate() of sluice_pending_workloads, which is no counter'],
    },
    'with a counter as it stands': {
      expr: 'sum(sluice_binds_total{job="sluice"})',
      want: ['sluice_binds_total is a counter: what counts is its rate'],
    },
    'with a range of two scrapes': {
      expr: 'rate(sluice_binds_total{job="sluice"}[30s])',
      want: ['sluice_binds_total: 30 s are fewer than 4 scrapes'],
    },
  }
  for (const [name, { expr, want }] of Object.entries(cases)) {
    test(name, () => assert.deepEqual(lintExpression(expr), want))
  }
})

describe('a dashboard', () => {
  /** The first panel of the first row, changed. */
  function withPanel(change: object): Dashboard {
    const dashboard = queuesDashboard()
    const panels = (dashboard.panels ?? []).map((panel, index) => (index === 1 ? { ...panel, ...change } : panel))
    return { ...dashboard, panels } as Dashboard
  }
  const cases: Record<string, { change: object; want: string }> = {
    'a panel without a unit': { change: { fieldConfig: { defaults: {} } }, want: 'Jobs that wait: has no unit' },
    'a panel without a description': { change: { description: '' }, want: 'Jobs that wait: has no description' },
    'a panel on another': {
      change: { gridPos: { x: 4, y: 1, w: 8, h: 5 } },
      want: 'Jobs that wait lies on GPUs that they wait for',
    },
    'a panel out of the grid': {
      change: { gridPos: { x: 20, y: 90, w: 8, h: 5 } },
      want: 'Jobs that wait: sticks out of the grid',
    },
    'a panel of a fixed data source': {
      change: { datasource: { uid: 'prometheus' } },
      want: 'Jobs that wait: does not take its data source from the variable',
    },
    'an id twice': { change: { id: 3 }, want: 'two panels have the id 3' },
    'a fixed range': {
      change: {
        targets: [
          {
            refId: 'A',
            expr: 'sum(rate(sluice_binds_total{job="sluice"}[5m]))',
            legendFormat: 'x',
            datasource: { uid: '$datasource' },
          },
        ],
      },
      want: 'Jobs that wait: query A has the fixed range [5m], not $__rate_interval',
    },
    'a variable that there is not': {
      change: {
        targets: [
          {
            refId: 'A',
            expr: 'sum(sluice_pending_workloads{job="sluice",queue=~"$line"})',
            legendFormat: 'x',
            datasource: { uid: '$datasource' },
          },
        ],
      },
      want: 'there is no variable line',
    },
  }
  for (const [name, { change, want }] of Object.entries(cases)) {
    test(`with ${name} is found out`, () => {
      assert.deepEqual(lintDashboard(withPanel(change)), [`Sluice / Queues: ${want}`])
    })
  }
})

describe('a rule', () => {
  const [first] = alerts
  assert(first)
  const lintOne = (change: object) => lintRules(ruleFile([{ ...first, name: 'SluiceExample', ...change }]))
  const cases: Record<string, { change: object; want: string }> = {
    'that compares nothing': {
      change: { expr: 'avg by (cluster, namespace) (DCGM_FI_DEV_GPU_UTIL{job="dcgm"})' },
      want: 'compares nothing: it would fire for as long as there is data',
    },
    'that speaks of a label it drops': {
      change: { summary: 'GPU {{ $labels.gpu }} is idle.' },
      want: 'its expression drops the label gpu',
    },
    'of a severity that nobody is woken for': { change: { severity: 'bad' }, want: 'has the severity bad' },
    'that holds for no time that Prometheus knows': { change: { for: '5 minutes' }, want: 'holds for “5 minutes”' },
  }
  for (const [name, { change, want }] of Object.entries(cases)) {
    test(`${name} is found out`, () => assert.deepEqual(lintOne(change), [`SluiceExample: ${want}`]))
  }
})
