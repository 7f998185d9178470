import type { OnFact } from '../../../platform/facts/projection.ts'
import { attributePodsOf } from '../store/attributePods.ts'
import { lockCluster } from '../store/lockCluster.ts'
import { concludeJobs } from './concludeJobs.ts'

/** A job that is told of after its pods is given them; one that has ended may be complete by now. */
export function followJobs(now: () => Date): OnFact {
  return async (tx, kind, fact) => {
    if (kind !== 'job' || !('boundPods' in fact)) return
    await lockCluster(tx, fact.clusterId)
    const attributed = await attributePodsOf(tx, fact)
    if (fact.final || attributed.length > 0) await concludeJobs(tx, [fact.id], now())
  }
}
