import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Row } from '../dashboard.ts'
import { figure, lines } from '../panels.ts'
import { sum } from '../promql/expressions.ts'
import { IN_CLUSTER, IN_QUEUE } from '../variables.ts'

export const waitingRow = (): Row => ({
  title: 'Waiting',
  panels: [jobs(), gpus(), holding(), jobsByQueue(), gpusByQueue(), reasons()],
})

const jobs = () =>
  figure({
    title: 'Jobs that wait',
    description:
      'Active ones lack nothing but room or quota; inadmissible ones need a change first: of the job, the queue or the cluster.',
    unit: units.Short,
    width: 8,
    queries: [{ expr: sum('sluice_pending_workloads', { by: ['status'], where: IN_QUEUE }), legend: '{{status}}' }],
  })

const gpus = () =>
  figure({
    title: 'GPUs that they wait for',
    description: 'The sum of what the waiting jobs ask for, in devices: the graph’s `Queue.pendingGpus`, summed.',
    unit: units.Short,
    width: 8,
    queries: [{ expr: sum('sluice_pending_gpus', { where: IN_QUEUE }), legend: 'GPUs' }],
  })

const holding = () =>
  figure({
    title: 'Jobs that hold GPUs',
    description: 'Jobs with an assignment: running, or about to.',
    unit: units.Short,
    width: 8,
    queries: [{ expr: sum('sluice_admitted_workloads', { where: IN_QUEUE }), legend: 'jobs' }],
  })

const jobsByQueue = () =>
  lines({
    title: 'Waiting jobs by queue',
    description: 'The length of each queue. It grows as long as more is submitted than ends.',
    unit: units.Short,
    width: 8,
    stacked: true,
    queries: [
      {
        expr: sum('sluice_pending_workloads', { by: ['cluster', 'queue', 'status'], where: IN_QUEUE }),
        legend: '{{cluster}} {{queue}} {{status}}',
      },
    ],
  })

const gpusByQueue = () =>
  lines({
    title: 'GPUs waited for, by queue',
    description: 'In devices. Much of it in a queue with free quota is what SluiceSchedulerStalled is about.',
    unit: units.Short,
    width: 8,
    stacked: true,
    queries: [
      {
        expr: sum('sluice_pending_gpus', { by: ['cluster', 'queue', 'gpu_model', 'status'], where: IN_QUEUE }),
        legend: '{{cluster}} {{queue}} {{gpu_model}} {{status}}',
      },
    ],
  })

const reasons = () =>
  lines({
    title: 'Why they wait',
    description:
      'Waiting jobs of the chosen clusters by the reason that the graph shows (`job.pending.code`); a job’s own `pending.fix` says what would help it.',
    unit: units.Short,
    width: 8,
    stacked: true,
    queries: [
      { expr: sum('sluice_unschedulable_workloads', { by: ['reason'], where: IN_CLUSTER }), legend: '{{reason}}' },
    ],
  })
