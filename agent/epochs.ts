import { type Cluster, ClusterError } from '../kubernetes/cluster.ts'
import { EPOCHS } from '../kubernetes/names.ts'

/** Counters that only grow, kept in the cluster itself so that they outlive the agent and its disk. */
export type EpochName = typeof EPOCHS.term | 'observations'

const REF = { namespace: EPOCHS.namespace, name: EPOCHS.name }
/** Each attempt but the last was lost to another that begins an epoch: so many at once there never are. */
const MAX_ATTEMPTS = 32

/**
 * Begins a new epoch. Two who begin at once get different ones: the write is guarded by the version read.
 * @param options.term in which term of the scheduler that must be, where it is bound to one
 * @param options.above what others remember of this cluster, which may have been made anew under its old name
 * @returns the new epoch, from 1
 * @throws ClusterError of the server, or CONFLICT where others were faster each time
 * @throws Error where the counters hold something that is no number
 */
export async function beginEpoch(
  cluster: Cluster,
  name: EpochName,
  { above = 0, term }: { above?: number; term?: number } = {},
): Promise<number> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    try {
      const { metadata, data = {} } = await cluster.get('ConfigMap', REF)
      if (term !== undefined && data[EPOCHS.term] !== String(term))
        throw new ClusterError('FORBIDDEN', `term ${term} of the scheduler is over`)
      const next = Math.max(readCounter(name, data[name]), above) + 1
      await cluster.patch('ConfigMap', REF, [
        { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
        { op: 'add', path: '/data', value: { ...data, [name]: String(next) } },
      ])
      return next
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      if (error.code === 'NOT_FOUND') await createCounters(cluster)
      else if (error.code !== 'INVALID' && error.code !== 'CONFLICT') throw error
    }
  }
  throw new ClusterError('CONFLICT', `no epoch of ${name} in ${MAX_ATTEMPTS} attempts`)
}

/** A damaged counter is not begun again from 0: an epoch that was used before would be taken for a repetition. */
function readCounter(name: EpochName, text = '0'): number {
  const counter = Number(text)
  if (Number.isSafeInteger(counter) && counter >= 0) return counter
  throw new Error(
    `ConfigMap ${REF.namespace}/${REF.name} has "${text}" as ${name}: set it to a number above every epoch so far`,
  )
}

async function createCounters(cluster: Cluster): Promise<void> {
  try {
    await cluster.create('ConfigMap', { apiVersion: 'v1', kind: 'ConfigMap', metadata: REF, data: {} })
  } catch (error) {
    if (!(error instanceof ClusterError && error.code === 'ALREADY_EXISTS')) throw error
  }
}
