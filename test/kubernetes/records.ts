import type { Cluster } from '../../kubernetes/cluster.ts'
import { startInformer } from '../../kubernetes/informer.ts'
import type { Kind, Kinds } from '../../kubernetes/objects.ts'
import { createLog } from '../../platform/log.ts'

/** One object's life: every version of it that the API server told, in their order. */
export interface ObjectRecord<T> {
  versions: T[]
  isGone: boolean
}

/** Keeps what becomes of all objects of a kind, also of those that are gone. */
export interface Records<K extends Kind> {
  all(): ObjectRecord<Kinds[K]>[]
  /**
   * Resolves as soon as what is looked for is there.
   * @param what ends the sentence "It never came true that …"
   */
  until<T>(what: string, look: (records: ObjectRecord<Kinds[K]>[]) => T | undefined): Promise<T>
  stop(): Promise<void>
}

const PATIENCE_MS = 30_000

export async function recordObjects<K extends Kind>(cluster: Cluster, kind: K): Promise<Records<K>> {
  const informer = startInformer(cluster, kind, { log: createLog('silent') })
  await informer.synced
  const records = new Map<string, ObjectRecord<Kinds[K]>>()
  const watchers = new Set<() => void>()
  const all = () => [...records.values()]
  informer.onChange(({ type, object }) => {
    const uid = object.metadata.uid as string
    const record = records.get(uid) ?? { versions: [], isGone: false }
    records.set(uid, record)
    if (type === 'DELETED') record.isGone = true
    else record.versions.push(object)
    for (const look of watchers) look()
  })
  return {
    all,
    until: (what, look) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          watchers.delete(lookAgain)
          reject(new Error(`It never came true that ${what}; at last: ${JSON.stringify(all().map(last), null, 2)}`))
        }, PATIENCE_MS)
        const lookAgain = () => {
          const found = look(all())
          if (found === undefined) return
          clearTimeout(timer)
          watchers.delete(lookAgain)
          resolve(found)
        }
        watchers.add(lookAgain)
        lookAgain()
      }),
    stop: () => informer.stop(),
  }
}

/** The last version there was. */
export function last<T>({ versions }: ObjectRecord<T>): T {
  return versions.at(-1) as T
}
