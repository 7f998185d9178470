import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'

/** The cluster of an agent that can be caught between a decision and its write, as by a pause of its process. */
export interface HoldingCluster {
  cluster: Cluster
  /** The next write that `catches` waits, with all that follow it; resolves when it has been caught. */
  holdFrom(catches: (what: 'patch' | 'bind', name: string) => boolean): Promise<void>
  /** Lets go what was held. */
  letGo(): void
  /** Of the writes to Jobs and pods since it was let go, what became of each: a code, or `done`. */
  readonly outcomes: readonly string[]
}

export function holding(cluster: Cluster): HoldingCluster {
  let catches: ((what: 'patch' | 'bind', name: string) => boolean) | null = null
  let caught = Promise.withResolvers<void>()
  let gate: ReturnType<typeof Promise.withResolvers<void>> | null = null
  let hasLetGo = false
  const outcomes: string[] = []

  async function through<T>(what: 'patch' | 'bind', name: string, call: () => Promise<T>): Promise<T> {
    if (gate === null && catches?.(what, name)) {
      gate = Promise.withResolvers()
      caught.resolve()
    }
    await gate?.promise
    if (!hasLetGo) return call()
    return call().then(
      (done) => {
        outcomes.push('done')
        return done
      },
      (error: unknown) => {
        outcomes.push(error instanceof ClusterError ? error.code : String(error))
        throw error
      },
    )
  }

  return {
    outcomes,
    holdFrom(which) {
      caught = Promise.withResolvers()
      catches = which
      return caught.promise
    },
    letGo() {
      hasLetGo = true
      catches = null
      gate?.resolve()
      gate = null
    },
    cluster: {
      list: (kind, options) => cluster.list(kind, options),
      watch: (kind, options) => cluster.watch(kind, options),
      get: (kind, ref) => cluster.get(kind, ref),
      create: (kind, object, options) => cluster.create(kind, object, options),
      apply: (kind, object) => cluster.apply(kind, object),
      delete: (kind, ref, options) => cluster.delete(kind, ref, options),
      evict: (ref) => cluster.evict(ref),
      logs: (ref, options) => cluster.logs(ref, options),
      patch(kind, ref, patch, options) {
        const call = () => cluster.patch(kind, ref, patch, options)
        return kind === 'Job' || kind === 'Pod' ? through('patch', ref.name, call) : call()
      },
      bind: (binding) => through('bind', binding.pod, () => cluster.bind(binding)),
    },
  }
}
