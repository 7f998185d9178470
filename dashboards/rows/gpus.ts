import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Row } from '../dashboard.ts'
import { figure, lines, listing } from '../panels.ts'
import { percent, sum } from '../promql/expressions.ts'
import { matching } from '../promql/selector.ts'
import { IN_CLUSTER } from '../variables.ts'

const ALLOCATED = { ...IN_CLUSTER, state: 'allocated' } as const
/** What jobs hold or could hold: devices on nodes that take no pods are left out. */
const ALLOCATABLE = { ...IN_CLUSTER, state: matching('allocated|free') } as const
const BY_POOL = ['cluster', 'pool', 'gpu_model'] as const

export const gpusRow = (): Row => ({
  title: 'GPUs and nodes',
  panels: [
    allocatable(),
    allocated(),
    used(),
    pending(),
    largestFreeBlock(),
    nodes(),
    byState(),
    usedByPool(),
    pools(),
  ],
})

const allocatable = () =>
  figure({
    title: 'GPUs allocatable',
    description: 'Devices that jobs hold or could hold now: healthy, and on nodes that take pods.',
    unit: units.Short,
    width: 4,
    queries: [{ expr: sum('sluice_cluster_gpus', { where: ALLOCATABLE }), legend: 'GPUs' }],
  })

const allocated = () =>
  figure({
    title: 'GPUs allocated',
    description:
      'What bound pods hold, in devices; a share of a device counts its part. The graph’s `NodePool.allocatedGpus`, summed.',
    unit: units.Short,
    width: 4,
    queries: [{ expr: sum('sluice_cluster_gpus', { where: ALLOCATED }), legend: 'GPUs' }],
  })

const used = () =>
  figure({
    title: 'Used',
    description: 'Allocated GPUs of all that are allocatable.',
    unit: units.Percent,
    width: 4,
    warnFrom: 95,
    queries: [
      {
        expr: percent(
          sum('sluice_cluster_gpus', { where: ALLOCATED }),
          sum('sluice_cluster_gpus', { where: ALLOCATABLE }),
        ),
        legend: 'used',
      },
    ],
  })

const pending = () =>
  figure({
    title: 'GPUs waited for',
    description: 'What all waiting jobs ask for together.',
    unit: units.Short,
    width: 4,
    queries: [{ expr: sum('sluice_pending_gpus', { where: IN_CLUSTER }), legend: 'GPUs' }],
  })

const largestFreeBlock = () =>
  figure({
    title: 'Largest pod that fits',
    description:
      'Most whole devices that are free on one node, by model. Far below the free GPUs of a model, its nodes are fragmented: pods that ask for more wait, however many devices are free elsewhere.',
    unit: units.Short,
    width: 4,
    queries: [
      {
        expr: `max by (gpu_model) (${sum('sluice_cluster_largest_free_block_gpus', { by: ['cluster', 'gpu_model'], where: IN_CLUSTER })})`,
        legend: '{{gpu_model}}',
      },
    ],
  })

const nodes = () =>
  figure({
    title: 'Nodes',
    description: 'Nodes by whether the scheduler may use them: ready and not cordoned.',
    unit: units.Short,
    width: 4,
    queries: [{ expr: sum('sluice_cluster_nodes', { by: ['state'], where: IN_CLUSTER }), legend: '{{state}}' }],
  })

const byState = () =>
  lines({
    title: 'GPUs by state',
    description:
      'All devices: allocated to bound pods, free, or unavailable (unhealthy, or on a node that takes no pods).',
    unit: units.Short,
    width: 12,
    stacked: true,
    queries: [{ expr: sum('sluice_cluster_gpus', { by: ['state'], where: IN_CLUSTER }), legend: '{{state}}' }],
  })

const usedByPool = () =>
  lines({
    title: 'Used, by pool and model',
    description: 'Allocated GPUs of those that are allocatable in each pool.',
    unit: units.Percent,
    width: 12,
    max: 100,
    queries: [
      {
        expr: percent(
          sum('sluice_cluster_gpus', { by: BY_POOL, where: ALLOCATED }),
          sum('sluice_cluster_gpus', { by: BY_POOL, where: ALLOCATABLE }),
        ),
        legend: '{{cluster}} {{pool}} {{gpu_model}}',
      },
    ],
  })

const pools = () =>
  listing({
    title: 'Pools',
    description:
      'What each pool has now. `updateQueue` and `sluice.dev/gpu-models` name pools and models as they stand here.',
    unit: units.Short,
    width: 24,
    by: { cluster: 'Cluster', pool: 'Pool', gpu_model: 'Model' },
    queries: [
      { expr: sum('sluice_cluster_gpus', { by: BY_POOL, where: ALLOCATABLE }), legend: 'Allocatable' },
      { expr: sum('sluice_cluster_gpus', { by: BY_POOL, where: ALLOCATED }), legend: 'Allocated' },
      {
        expr: sum('sluice_cluster_gpus', { by: BY_POOL, where: { ...IN_CLUSTER, state: 'unavailable' } }),
        legend: 'Unavailable',
      },
    ],
  })
