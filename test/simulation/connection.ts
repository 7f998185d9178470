import { type Cluster, ClusterError, type WatchEvent, type WatchOptions } from '../../kubernetes/cluster.ts'
import type { Kind, Kinds } from '../../kubernetes/objects.ts'
import type { Network } from './network.ts'
import type { Process } from './process.ts'
import { startStream } from './stream.ts'
import type { Trace } from './trace.ts'
import type { VirtualTime } from './virtualTime.ts'

export interface ConnectionDeps {
  readonly server: Cluster
  readonly process: Process
  readonly network: Network
  readonly time: VirtualTime
  readonly trace: Trace
  /** Called for each request that is sent. */
  readonly onRequest: (what: string) => void
}

/** The cluster as one process reaches it: every request and every event takes its time, and may come to grief. */
export function connect(deps: ConnectionDeps): Cluster {
  const { server, process, network, time, trace, onRequest } = deps
  const isDead = () => process.state === 'dead'
  const note = (line: string) => trace.note(time.nowMs, `${process.name} ${line}`)

  /** @param isWrite whether performing it changes something */
  function send<T>(what: string, isWrite: boolean, perform: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (isDead()) return
      onRequest(what)
      // It may have been struck down just before.
      if (isDead()) return
      const fate = network.fateOf(isWrite)
      if (fate.kind === 'refused') {
        note(`${what}: ${fate.error.code}`)
        time.after(
          fate.replyMs,
          process.gate(() => reject(fate.error)),
        )
        return
      }
      if (fate.kind === 'unanswered') {
        const { performedMs } = fate
        if (performedMs !== null && isWrite) time.after(performedMs, () => void perform().then(...told(what, 'lost')))
        time.after(
          fate.replyMs,
          process.gate(() => reject(fate.error)),
        )
        return
      }
      time.after(fate.performedMs, () => {
        const backMs = fate.replyMs - fate.performedMs
        void perform().then(
          (value) => {
            note(`${what}: done`)
            time.after(
              backMs,
              process.gate(() => resolve(value)),
            )
          },
          (error) => {
            note(`${what}: ${codeOf(error)}`)
            time.after(
              backMs,
              process.gate(() => reject(error)),
            )
          },
        )
      })
    })
  }

  function told(what: string, how: string): [() => void, (error: unknown) => void] {
    return [() => note(`${what}: done, ${how}`), (error) => note(`${what}: ${codeOf(error)}, ${how}`)]
  }

  return {
    list: (kind, options) => send(`list ${kind}`, false, () => server.list(kind, options)),
    get: (kind, ref) => send(`get ${kind} ${ref.name}`, false, () => server.get(kind, ref)),
    logs: (ref, options) => send(`logs ${ref.name}`, false, () => server.logs(ref, options)),
    create: (kind, object, options) =>
      send(`${options?.dryRun ? 'try' : 'create'} ${kind} ${object.metadata.name}`, true, () =>
        server.create(kind, object, options),
      ),
    apply: (kind, object) => send(`apply ${kind} ${object.metadata.name}`, true, () => server.apply(kind, object)),
    patch: (kind, ref, patch, options) =>
      send(`patch ${kind} ${ref.name} ${JSON.stringify(patch)}`, true, () => server.patch(kind, ref, patch, options)),
    delete: (kind, ref, options) => send(`delete ${kind} ${ref.name}`, true, () => server.delete(kind, ref, options)),
    bind: (binding) => send(`bind ${binding.pod} to ${binding.node}`, true, () => server.bind(binding)),
    evict: (ref) => send(`evict ${ref.name}`, true, () => server.evict(ref)),
    watch<K extends Kind>(kind: K, options: WatchOptions): AsyncIterable<WatchEvent<Kinds[K]>> {
      return { [Symbol.asyncIterator]: () => startStream(deps, kind, options) }
    },
  }
}

/** Anything else is a mistake of the simulation or of the cluster, and has to come up. */
function codeOf(error: unknown): string {
  if (error instanceof ClusterError) return error.code
  throw error
}
