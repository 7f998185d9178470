import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Row } from '../dashboard.ts'
import { lines } from '../panels.ts'
import { max, quantile, rate } from '../promql/expressions.ts'
import { IN_CLUSTER, IN_QUEUE } from '../variables.ts'

/** What the scheduler does, and how long it takes. */
export const decisionsRow = (): Row => ({
  title: 'Decisions',
  panels: [attempts(), bindings(), evictions(), cycles(), planDuration(), busy()],
})

const attempts = () =>
  lines({
    title: 'Admission attempts',
    description:
      'Admissions per second as the API server answered. Conflict: the Job had changed meanwhile, and is decided again.',
    unit: units.OpsPerSecond,
    width: 8,
    queries: [
      {
        expr: rate('sluice_admission_attempts_total', { by: ['cluster', 'result'], where: IN_CLUSTER }),
        legend: '{{cluster}} {{result}}',
      },
    ],
  })

const bindings = () =>
  lines({
    title: 'Bindings',
    description: 'Pods bound to nodes per second, as the API server answered.',
    unit: units.OpsPerSecond,
    width: 8,
    queries: [
      {
        expr: rate('sluice_binds_total', { by: ['cluster', 'result'], where: IN_CLUSTER }),
        legend: '{{cluster}} {{result}}',
      },
    ],
  })

const evictions = () =>
  lines({
    title: 'Evictions',
    description: 'Admitted jobs per second that were suspended again and wait anew, by reason.',
    unit: units.OpsPerSecond,
    width: 8,
    queries: [
      {
        expr: rate('sluice_evicted_workloads_total', { by: ['cluster', 'queue', 'reason'], where: IN_QUEUE }),
        legend: '{{cluster}} {{queue}} {{reason}}',
      },
    ],
  })

const cycles = () =>
  lines({
    title: 'Plans',
    description: 'Plans per second, by whether they admitted anything. None is right where nothing changes.',
    unit: units.OpsPerSecond,
    width: 8,
    queries: [
      {
        expr: rate('sluice_scheduler_cycles_total', { by: ['cluster', 'outcome'], where: IN_CLUSTER }),
        legend: '{{cluster}} {{outcome}}',
      },
    ],
  })

const planDuration = () =>
  lines({
    title: 'Plan duration',
    description: 'The pure computation of one plan, median and p99. It grows with waiting jobs and nodes.',
    unit: units.Seconds,
    width: 8,
    queries: [
      {
        expr: quantile(0.5, 'sluice_scheduler_plan_duration_seconds', { by: ['cluster'], where: IN_CLUSTER }),
        legend: '{{cluster}} p50',
      },
      {
        expr: quantile(0.99, 'sluice_scheduler_plan_duration_seconds', { by: ['cluster'], where: IN_CLUSTER }),
        legend: '{{cluster}} p99',
      },
    ],
  })

const busy = () =>
  lines({
    title: 'Busy without a break',
    description:
      'For how long the scheduler has had something to decide or an answer to wait for. Minutes of it without a plan: it is stalled.',
    unit: units.Seconds,
    width: 8,
    queries: [
      { expr: max('sluice_scheduler_busy_seconds', { by: ['cluster'], where: IN_CLUSTER }), legend: '{{cluster}}' },
    ],
  })
