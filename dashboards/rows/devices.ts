import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Row } from '../dashboard.ts'
import { lines } from '../panels.ts'
import { percent } from '../promql/expressions.ts'
import { device, not } from '../promql/selector.ts'
import { IN_CLUSTER } from '../variables.ts'

/** What the devices say of themselves, through dcgm-exporter. */
export const devicesRow = (): Row => ({
  title: 'Devices, as dcgm-exporter reports them',
  panels: [utilization(), power(), memory(), temperature()],
})

const utilization = () =>
  lines({
    title: 'Busy while allocated',
    description:
      'Utilisation of the devices that a pod has, by model; idle devices without a pod are left out. Low: GPUs are paid for and not used, see the alert SluiceGpuUtilizationLow.',
    unit: units.Percent,
    width: 12,
    max: 100,
    queries: [
      {
        expr: `avg by (cluster, modelName) (${device('DCGM_FI_DEV_GPU_UTIL', { ...IN_CLUSTER, pod: not('') })})`,
        legend: '{{cluster}} {{modelName}}',
      },
    ],
  })

const power = () =>
  lines({
    title: 'Power',
    description: 'What all devices draw together, idle ones included.',
    unit: units.Watt,
    width: 12,
    stacked: true,
    queries: [
      {
        expr: `sum by (cluster, modelName) (${device('DCGM_FI_DEV_POWER_USAGE', IN_CLUSTER)})`,
        legend: '{{cluster}} {{modelName}}',
      },
    ],
  })

const memory = () => {
  const used = `sum by (cluster, modelName) (${device('DCGM_FI_DEV_FB_USED', IN_CLUSTER)})`
  const free = `sum by (cluster, modelName) (${device('DCGM_FI_DEV_FB_FREE', IN_CLUSTER)})`
  return lines({
    title: 'Device memory in use',
    description: 'Of the memory of all devices, by model.',
    unit: units.Percent,
    width: 12,
    max: 100,
    queries: [{ expr: percent(used, `(${used} + ${free})`), legend: '{{cluster}} {{modelName}}' }],
  })
}

const temperature = () =>
  lines({
    title: 'Hottest device',
    description: 'The highest temperature of each model. Above about 85 °C most devices slow themselves down.',
    unit: units.Celsius,
    width: 12,
    queries: [
      {
        expr: `max by (cluster, modelName) (${device('DCGM_FI_DEV_GPU_TEMP', IN_CLUSTER)})`,
        legend: '{{cluster}} {{modelName}}',
      },
    ],
  })
