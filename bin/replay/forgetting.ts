import type { Link } from '../../agent/link/link.ts'
import type { Observation } from '../../platform/link/protocol.ts'

/** A link that loses the `ordinal`-th record, from 1, of the end of a pod with devices on its way to metering. */
export function forgetting(ordinal: number): (link: Link) => Link {
  let seen = 0
  const isLost = (record: Observation) =>
    record.kind === 'pod' && record.finishedAt !== null && record.devices.length > 0 && ++seen === ordinal
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
