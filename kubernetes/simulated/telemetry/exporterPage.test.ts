import { assert, test } from 'vitest'
import { DCGM_METRICS, type DcgmMetric } from './dcgmMetrics.ts'
import { exporterPage } from './exporterPage.ts'
import type { GpuLabels, GpuSample } from './gpuSamples.ts'

const figures = Object.fromEntries(Object.keys(DCGM_METRICS).map((name, i) => [name, i])) as Record<DcgmMetric, number>
const device: GpuLabels = {
  gpu: '0',
  UUID: 'GPU-1',
  pci_bus_id: '00000000:1B:00.0',
  device: 'nvidia0',
  modelName: 'H100',
  Hostname: 'gpu-1',
  container: '',
  namespace: '',
  pod: '',
}
const idle: GpuSample = { labels: device, ...figures }
const busy: GpuSample = {
  ...idle,
  labels: { ...device, UUID: 'GPU-2', container: 'main', namespace: 't', pod: 'train-0' },
  DCGM_FI_DEV_GPU_UTIL: 90,
}

test('a page has each metric once, with a line for every device and labels in dcgm-exporter’s order', () => {
  const lines = exporterPage([idle, busy]).split('\n')
  assert.equal(lines.filter((line) => line === '# TYPE DCGM_FI_DEV_GPU_UTIL gauge').length, 1)
  assert.include(
    lines,
    'DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-2",pci_bus_id="00000000:1B:00.0",device="nvidia0",modelName="H100",Hostname="gpu-1",container="main",namespace="t",pod="train-0"} 90',
  )
  assert.equal(lines.filter((line) => /^DCGM_\w+\{/.test(line)).length, 2 * Object.keys(DCGM_METRICS).length)
})

test('energy is a counter, all else says how it is now', () => {
  const kinds = exporterPage([]).match(/(?<=# TYPE )DCGM_\w+ counter/g)
  assert.deepEqual(kinds, ['DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION counter'])
})

test('a device that nobody has bears no labels of a pod', () => {
  assert.match(exporterPage([idle]), /^DCGM_FI_DEV_POWER_USAGE\{[^}]*Hostname="gpu-1"\} /m)
})
