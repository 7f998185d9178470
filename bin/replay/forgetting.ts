import type { Link } from '../../agent/link/link.ts'
import type { Observation } from '../../platform/link/protocol.ts'

/**
 * A link on which metering never hears of the end of one pod: the `ordinal`-th, from 1, of those with devices.
 * That the pod is gone is lost too, since metering would take that for its end.
 */
export function forgetting(ordinal: number): (link: Link) => Link {
  const ended = new Set<string>()
  let forgotten: string | undefined
  function isLost(record: Observation): boolean {
    if (record.kind === 'pod' && record.finishedAt !== null && record.devices.length > 0) {
      ended.add(record.uid)
      if (ended.size === ordinal) forgotten ??= record.uid
      return record.uid === forgotten
    }
    return record.kind === 'podGone' && record.uid === forgotten
  }
  return (link) => ({
    ...link,
    observe: (subgraph, batch, signal) =>
      link.observe(
        subgraph,
        subgraph === 'metering' ? { ...batch, records: batch.records.filter((record) => !isLost(record)) } : batch,
        signal,
      ),
  })
}
