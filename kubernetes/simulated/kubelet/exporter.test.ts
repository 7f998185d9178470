import { assert, test } from 'vitest'
import { exporterPage } from './exporter.ts'
import type { GpuSample } from './telemetry.ts'

const idle: GpuSample = {
  labels: {
    gpu: '0',
    UUID: 'GPU-1',
    device: 'nvidia0',
    modelName: 'H100',
    Hostname: 'gpu-1',
    namespace: '',
    pod: '',
    container: '',
  },
  DCGM_FI_DEV_GPU_UTIL: 0,
  DCGM_FI_DEV_FB_USED: 163,
  DCGM_FI_DEV_FB_FREE: 81_396,
  DCGM_FI_DEV_POWER_USAGE: 61.5,
  DCGM_FI_DEV_GPU_TEMP: 32,
}
const busy: GpuSample = {
  ...idle,
  labels: {
    ...idle.labels,
    gpu: '1',
    UUID: 'GPU-2',
    device: 'nvidia1',
    namespace: 't',
    pod: 'train-0',
    container: 'main',
  },
  DCGM_FI_DEV_GPU_UTIL: 90,
}

test('a page has each metric once, with a line for every device', () => {
  const lines = exporterPage([idle, busy]).split('\n')
  assert.equal(lines.filter((line) => line === '# TYPE DCGM_FI_DEV_GPU_UTIL gauge').length, 1)
  assert.include(
    lines,
    'DCGM_FI_DEV_GPU_UTIL{gpu="1",UUID="GPU-2",device="nvidia1",modelName="H100",Hostname="gpu-1",namespace="t",pod="train-0",container="main"} 90',
  )
  assert.equal(lines.filter((line) => /^DCGM_\w+\{/.test(line)).length, 2 * 5)
})

test('a device that nobody has bears no labels of a pod', () => {
  assert.include(
    exporterPage([idle]),
    'DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-1",device="nvidia0",modelName="H100",Hostname="gpu-1"} 61.5\n',
  )
})

test('a cluster without devices has a page all the same', () => {
  assert.include(exporterPage([]), '# TYPE DCGM_FI_DEV_GPU_TEMP gauge\n')
})
