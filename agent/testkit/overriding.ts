import type { Cluster } from '../../kubernetes/cluster.ts'

/** The same cluster, with some of its calls replaced. */
export function overriding(cluster: Cluster, calls: Partial<Cluster>): Cluster {
  return {
    list: cluster.list.bind(cluster),
    watch: cluster.watch.bind(cluster),
    get: cluster.get.bind(cluster),
    create: cluster.create.bind(cluster),
    apply: cluster.apply.bind(cluster),
    patch: cluster.patch.bind(cluster),
    delete: cluster.delete.bind(cluster),
    bind: cluster.bind.bind(cluster),
    evict: cluster.evict.bind(cluster),
    logs: cluster.logs.bind(cluster),
    ...calls,
  }
}
