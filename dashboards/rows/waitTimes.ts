import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Row } from '../dashboard.ts'
import { heat, lines } from '../panels.ts'
import { buckets, quantile } from '../promql/expressions.ts'
import { IN_QUEUE } from '../variables.ts'

/** Of jobs that have been admitted; those that still wait are in the row above. */
export const waitTimesRow = (): Row => ({ title: 'Waiting times', panels: [spread(), admission(), ready()] })

const spread = () =>
  heat({
    title: 'Wait until admission',
    description: 'How many jobs were admitted after which wait. Two bands apart: two kinds of job, of which one waits.',
    unit: units.Seconds,
    width: 8,
    queries: [{ expr: buckets('sluice_admission_wait_time_seconds', { where: IN_QUEUE }), legend: '{{le}}' }],
  })

const admission = () =>
  lines({
    title: 'Wait until admission, by queue',
    description:
      'From a job’s creation, or its last eviction, to its admission: median and p95 of those admitted lately.',
    unit: units.Seconds,
    width: 8,
    queries: [
      {
        expr: quantile(0.5, 'sluice_admission_wait_time_seconds', { by: ['cluster', 'queue'], where: IN_QUEUE }),
        legend: '{{cluster}} {{queue}} p50',
      },
      {
        expr: quantile(0.95, 'sluice_admission_wait_time_seconds', { by: ['cluster', 'queue'], where: IN_QUEUE }),
        legend: '{{cluster}} {{queue}} p95',
      },
    ],
  })

const ready = () =>
  lines({
    title: 'From admission until all pods are ready',
    description: 'Pods created, bound and started, p95. Long: images, slow nodes, or a quota of the namespace.',
    unit: units.Seconds,
    width: 8,
    queries: [
      {
        expr: quantile(0.95, 'sluice_ready_wait_time_seconds', { by: ['cluster', 'queue'], where: IN_QUEUE }),
        legend: '{{cluster}} {{queue}} p95',
      },
    ],
  })
