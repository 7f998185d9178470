import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Row } from '../dashboard.ts'
import { lines } from '../panels.ts'
import { max, rate } from '../promql/expressions.ts'
import { IN_CLUSTER } from '../variables.ts'

/** Whether the ledger hears of everything, and in time. */
export const meteringRow = (): Row => ({ title: 'Metering', panels: [lag(), openIntervals(), gpuSeconds(), events()] })

const lag = () =>
  lines({
    title: 'Metering lag',
    description:
      'Time since the instant up to which the ledger has heard everything of a cluster: how old `meteredThrough` is.',
    unit: units.Seconds,
    width: 6,
    queries: [
      {
        expr: max('sluice_metering_ingest_lag_seconds', { by: ['cluster'], where: IN_CLUSTER }),
        legend: '{{cluster}}',
      },
    ],
  })

const openIntervals = () =>
  lines({
    title: 'Open intervals',
    description: 'Allocations that have begun and not ended, as far as the ledger has heard.',
    unit: units.Short,
    width: 6,
    queries: [
      { expr: max('sluice_metering_open_intervals', { by: ['cluster'], where: IN_CLUSTER }), legend: '{{cluster}}' },
    ],
  })

const gpuSeconds = () =>
  lines({
    title: 'GPU-seconds closed',
    description:
      'GPU-seconds per second of intervals that ended, by model: over a long range it is the number of GPUs in use. Long jobs show when they end.',
    unit: units.Short,
    width: 6,
    queries: [{ expr: rate('sluice_metering_gpu_seconds_total', { by: ['gpu_model'] }), legend: '{{gpu_model}}' }],
  })

const events = () =>
  lines({
    title: 'Observed pods',
    description:
      'Records per second by what the ledger made of them. Rejected ones are in quarantine and wait for a person.',
    unit: units.OpsPerSecond,
    width: 6,
    queries: [{ expr: rate('sluice_metering_events_total', { by: ['result'] }), legend: '{{result}}' }],
  })
