/**
 * What NVIDIA's dcgm-exporter tells of a device by default, as far as it can be made up sensibly: names,
 * kinds and units are its own. `_UTIL` is in per cent, `PROF_` in parts from 0 to 1.
 */
export const DCGM_METRICS = {
  DCGM_FI_DEV_SM_CLOCK: { kind: 'gauge', help: 'SM clock frequency (in MHz).' },
  DCGM_FI_DEV_MEM_CLOCK: { kind: 'gauge', help: 'Memory clock frequency (in MHz).' },
  DCGM_FI_DEV_MEMORY_TEMP: { kind: 'gauge', help: 'Memory temperature (in C).' },
  DCGM_FI_DEV_GPU_TEMP: { kind: 'gauge', help: 'GPU temperature (in C).' },
  DCGM_FI_DEV_POWER_USAGE: { kind: 'gauge', help: 'Power draw (in W).' },
  DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION: { kind: 'counter', help: 'Total energy consumption since boot (in mJ).' },
  DCGM_FI_DEV_GPU_UTIL: { kind: 'gauge', help: 'GPU utilization (in %).' },
  DCGM_FI_DEV_MEM_COPY_UTIL: { kind: 'gauge', help: 'Memory utilization (in %).' },
  DCGM_FI_DEV_XID_ERRORS: { kind: 'gauge', help: 'Value of the last XID error encountered.' },
  DCGM_FI_DEV_FB_FREE: { kind: 'gauge', help: 'Framebuffer memory free (in MiB).' },
  DCGM_FI_DEV_FB_USED: { kind: 'gauge', help: 'Framebuffer memory used (in MiB).' },
  DCGM_FI_DEV_ROW_REMAP_FAILURE: { kind: 'gauge', help: 'Whether remapping of rows has failed.' },
  DCGM_FI_PROF_GR_ENGINE_ACTIVE: { kind: 'gauge', help: 'Ratio of time the graphics engine is active.' },
  DCGM_FI_PROF_PIPE_TENSOR_ACTIVE: { kind: 'gauge', help: 'Ratio of cycles the tensor (HMMA) pipe is active.' },
  DCGM_FI_PROF_DRAM_ACTIVE: { kind: 'gauge', help: 'Ratio of cycles the device memory interface is active.' },
} as const
export type DcgmMetric = keyof typeof DCGM_METRICS
