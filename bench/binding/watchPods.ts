import type { Cluster } from '../../kubernetes/cluster.ts'
import { startInformer } from '../../kubernetes/informer.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import { createLog } from '../../platform/log.ts'

export interface PodWatch {
  /** Times of the bindings seen so far, in the order seen, by performance.now(). */
  readonly boundAtMs: readonly number[]
  /** Resolves when so many are bound. */
  readonly allBound: Promise<void>
  stop(): Promise<void>
}

export async function watchPods(cluster: Cluster, count: number): Promise<PodWatch> {
  const boundAtMs: number[] = []
  const allBound = Promise.withResolvers<void>()
  const informer = startInformer(cluster, 'Pod', { log: createLog('error') })
  await informer.synced
  informer.onChange((change) => {
    const wasBound = change.type === 'MODIFIED' && isBound(change.before)
    if (change.type === 'DELETED' || wasBound || !isBound(change.object)) return
    boundAtMs.push(performance.now())
    if (boundAtMs.length === count) allBound.resolve()
  })
  return { boundAtMs, allBound: allBound.promise, stop: () => informer.stop() }
}

function isBound({ spec }: Pod): boolean {
  return spec?.nodeName !== undefined && spec.nodeName !== ''
}

/** @param fromMs by performance.now() */
export function rateOf(boundAtMs: readonly number[], fromMs: number) {
  const seconds = ((boundAtMs.at(-1) ?? fromMs) - fromMs) / 1_000
  return { seconds: Math.round(100 * seconds) / 100, podsPerSecond: Math.round(boundAtMs.length / seconds) }
}
