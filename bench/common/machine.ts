import { cpus } from 'node:os'

/** Where and when a figure was taken, as it stands in bench/results. */
export function machine() {
  const [cpu] = cpus()
  const date = new Date().toISOString().slice(0, 10)
  return { machine: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`, node: process.version, date }
}
