import { Decimal } from 'decimal.js'
import type { QueueResource } from './quota.ts'

/** What a queue's own jobs hold and ask, and what of its own quota others have; decimals of GPUs or cores, or MiB. */
export type CellUsage = {
  flavor: string
  resource: QueueResource
  used: string
  pending: string
  /** null: no quota of its own. */
  nominal: string | null
  borrowed: string
  lent: string
  reclaimable: string
}

/** As one cluster tells it, or all of them together. */
export interface QueueUsage {
  at: string
  weightedShare: number
  cells: readonly CellUsage[]
}

/** Every cluster has the whole quota; what is used is added, and of shares and quotas the largest counts. */
export function overAllClusters(usages: readonly QueueUsage[]): QueueUsage | null {
  const [first] = usages
  if (first === undefined) return null
  if (usages.length === 1) return first
  const cells = new Map<string, CellUsage>()
  for (const cell of usages.flatMap(({ cells }) => cells)) {
    const key = `${cell.resource} ${cell.flavor}`
    const known = cells.get(key)
    cells.set(key, known === undefined ? cell : added(known, cell))
  }
  return {
    at: usages.map(({ at }) => at).reduce((a, b) => (Date.parse(a) < Date.parse(b) ? a : b)),
    weightedShare: Math.max(...usages.map(({ weightedShare }) => weightedShare)),
    cells: [...cells.values()],
  }
}

function added(a: CellUsage, b: CellUsage): CellUsage {
  const sum = (amount: 'used' | 'pending' | 'borrowed' | 'lent' | 'reclaimable') =>
    new Decimal(a[amount]).plus(b[amount]).toFixed()
  return {
    ...a,
    nominal: a.nominal ?? b.nominal,
    used: sum('used'),
    pending: sum('pending'),
    borrowed: sum('borrowed'),
    lent: sum('lent'),
    reclaimable: sum('reclaimable'),
  }
}
