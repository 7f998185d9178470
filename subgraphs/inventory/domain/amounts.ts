import type { QueueResource } from './quota.ts'

/** What the scheduler counts in thousandths of a GPU, milli CPU and MiB, as the graph shows it. */
export function shownAmount(value: number, resource: QueueResource): string {
  return String(resource === 'MEMORY' ? value : value / 1000)
}
