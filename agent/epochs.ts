import { type Cluster, ClusterError, jsonPointer } from '../kubernetes/cluster.ts'
import { SYSTEM_NAMESPACE } from '../kubernetes/names.ts'

const REF = { namespace: SYSTEM_NAMESPACE, name: 'sluice-epochs' }

/** Counters that only grow, kept in the cluster itself so that they outlive the agent and its disk. */
export type EpochName = 'scheduler' | 'observations'

/**
 * Begins a new epoch. Two who begin at once get different ones: the write is guarded by the value read.
 * @param above what others remember of this cluster, which may have been made anew under its old name
 * @returns the new epoch, from 1
 */
export async function beginEpoch(cluster: Cluster, name: EpochName, above = 0): Promise<number> {
  for (;;) {
    try {
      const current = (await cluster.get('ConfigMap', REF)).data?.[name]
      const next = String(Math.max(Number(current ?? '0'), above) + 1)
      const path = `/data${jsonPointer(name)}`
      await cluster.patch('ConfigMap', REF, [
        ...(current === undefined ? [] : [{ op: 'test', path, value: current } as const]),
        { op: 'add', path, value: next },
      ])
      return Number(next)
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      if (error.code === 'NOT_FOUND') await createCounters(cluster)
      else if (error.code !== 'INVALID' && error.code !== 'CONFLICT') throw error
    }
  }
}

async function createCounters(cluster: Cluster): Promise<void> {
  try {
    await cluster.create('ConfigMap', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: REF,
      data: { scheduler: '0', observations: '0' },
    })
  } catch (error) {
    if (!(error instanceof ClusterError && error.code === 'ALREADY_EXISTS')) throw error
  }
}
