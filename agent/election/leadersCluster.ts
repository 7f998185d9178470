import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import { EPOCHS } from '../../kubernetes/names.ts'
import { FENCE_NAME } from '../../kubernetes/policies/epochFence.ts'
import type { Leadership } from './leadership.ts'

/** The cluster as the leader of one term sees it: what it writes is refused as soon as it leads no more. */
export interface LeadersCluster extends Cluster {
  /** Whether every write has been answered; one that got no answer may still be done for `forgottenAfterMs`. */
  isSettled(): boolean
  /** Resolves when no write is under way. */
  whenAnswered(): Promise<void>
}

interface LeadersClusterOptions {
  leadership: Leadership
  epoch: number
  /** An API server does nothing more for a request that is older. */
  forgottenAfterMs: number
  monotonicMs: () => number
}

export function leadersCluster(cluster: Cluster, options: LeadersClusterOptions): LeadersCluster {
  const { leadership, epoch, forgottenAfterMs, monotonicMs } = options
  let underWay = 0
  let unansweredAtMs = Number.NEGATIVE_INFINITY
  let answered = Promise.withResolvers<void>()

  async function write<T>(call: () => Promise<T>): Promise<T> {
    if (!leadership.isHeld()) throw new ClusterError('FORBIDDEN', 'this agent does not lead the cluster any more')
    underWay += 1
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      if (error.code === 'TIMEOUT' || error.code === 'UNAVAILABLE') unansweredAtMs = monotonicMs()
      throw isFence(error) ? await judge(error) : error
    } finally {
      underWay -= 1
      if (underWay === 0) {
        answered.resolve()
        answered = Promise.withResolvers()
      }
    }
  }

  /** Either another term has begun, or this server has not heard of ours yet, which passes. */
  async function judge(refusal: ClusterError): Promise<ClusterError> {
    const { data } = await cluster.get('ConfigMap', { namespace: EPOCHS.namespace, name: EPOCHS.name })
    if (data?.[EPOCHS.term] === String(epoch))
      return new ClusterError('UNAVAILABLE', 'the API server does not know this epoch yet', { cause: refusal })
    leadership.giveUp('another one has begun a later term')
    return refusal
  }

  return {
    list: (kind, listed) => cluster.list(kind, listed),
    watch: (kind, watched) => cluster.watch(kind, watched),
    get: (kind, ref) => cluster.get(kind, ref),
    logs: (ref, limits) => cluster.logs(ref, limits),
    create: (kind, object, how) => write(() => cluster.create(kind, object, how)),
    apply: (kind, object) => write(() => cluster.apply(kind, object)),
    patch: (kind, ref, patch, how) => write(() => cluster.patch(kind, ref, patch, how)),
    delete: (kind, ref, how) => write(() => cluster.delete(kind, ref, how)),
    bind: (binding) => write(() => cluster.bind(binding)),
    evict: (ref) => write(() => cluster.evict(ref)),
    isSettled: () => underWay === 0 && monotonicMs() - unansweredAtMs >= forgottenAfterMs,
    whenAnswered: () => (underWay === 0 ? Promise.resolve() : answered.promise),
  }
}

function isFence({ code, message }: ClusterError): boolean {
  return code === 'FORBIDDEN' && message.includes(FENCE_NAME)
}
