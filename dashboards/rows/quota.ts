import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Row } from '../dashboard.ts'
import { lines, listing } from '../panels.ts'
import { percent, sum } from '../promql/expressions.ts'
import { not } from '../promql/selector.ts'
import { IN_QUEUE } from '../variables.ts'

const BY_QUEUE = ['cluster', 'queue'] as const

export const quotaRow = (): Row => ({ title: 'Quota', panels: [usedByQueue(), ofNominal(), table()] })

const used = () => sum('sluice_queue_used_gpus', { by: BY_QUEUE, where: IN_QUEUE })
const borrowed = () => sum('sluice_queue_borrowed_gpus', { by: BY_QUEUE, where: IN_QUEUE })
/** A quota over all flavors (`*`) bounds the whole; where there is none, the flavors add up. */
const nominal = () =>
  [{ flavor: '*' }, { flavor: not('*') }]
    .map((flavor) => sum('sluice_queue_nominal_gpus', { by: BY_QUEUE, where: { ...IN_QUEUE, ...flavor } }))
    .join(' or ')

const usedByQueue = () =>
  lines({
    title: 'GPUs held, by queue',
    description: 'What each queue’s own jobs hold, by model; jobs of the queues below it are counted there.',
    unit: units.Short,
    width: 12,
    stacked: true,
    queries: [
      {
        expr: sum('sluice_queue_used_gpus', { by: ['cluster', 'queue', 'gpu_model'], where: IN_QUEUE }),
        legend: '{{cluster}} {{queue}} {{gpu_model}}',
      },
    ],
  })

const ofNominal = () =>
  lines({
    title: 'Of the nominal quota',
    description:
      'What each queue’s own jobs hold, of its nominal quota. Above 100: it borrows. Queues without a quota have no line.',
    unit: units.Percent,
    width: 12,
    queries: [{ expr: percent(used(), `(${nominal()})`), legend: '{{cluster}} {{queue}}' }],
  })

const table = () =>
  listing({
    title: 'Queues',
    description: 'Nominal quota, what is held, and what of it is borrowed, in devices.',
    unit: units.Short,
    width: 24,
    by: { cluster: 'Cluster', queue: 'Queue' },
    queries: [
      { expr: nominal(), legend: 'Nominal' },
      { expr: used(), legend: 'Held' },
      { expr: borrowed(), legend: 'Borrowed' },
    ],
  })
