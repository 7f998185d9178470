import DataLoader from 'dataloader'
import { may } from '../../../platform/identity/authorize.ts'
import type { Outlook } from '../../../scheduler/whatif/questions.ts'
import type { Context } from '../context.ts'

/**
 * How waiting jobs stand, by workload: one question for all of a cluster's that a request asks about. Null where the
 * cluster has told of no such job, or of one that is not the caller's to see.
 * @param withChanges takes longer: each change is planned
 */
export function outlookLoader(context: Context, withChanges: boolean): DataLoader<string, Outlook | null> {
  const loaders = LOADERS[withChanges ? 'withChanges' : 'plain']
  const loader = loaders.get(context) ?? new DataLoader((workloads) => load(context, workloads, withChanges))
  loaders.set(context, loader)
  return loader
}

/** Not among the context's own loaders: those hold a transaction, and this one waits for a thread. */
const LOADERS = {
  plain: new WeakMap<Context, DataLoader<string, Outlook | null>>(),
  withChanges: new WeakMap<Context, DataLoader<string, Outlook | null>>(),
}

async function load(context: Context, workloads: readonly string[], withChanges: boolean) {
  const found = new Map<string, Outlook>()
  const byCluster = Map.groupBy(workloads, (workload) => workload.slice(0, Math.max(0, workload.indexOf('/'))))
  for (const [cluster, asked] of byCluster) {
    if (cluster === '') continue
    const uids = asked.map((workload) => workload.slice(cluster.length + 1))
    const told = await context.whatIf.ask(cluster, { kind: 'outlook', uids, withChanges })
    for (const outlook of told?.outlooks ?? [])
      if (may(context.identity, 'job.read', outlook)) found.set(`${cluster}/${outlook.uid}`, outlook)
  }
  return workloads.map((workload) => found.get(workload) ?? null)
}
