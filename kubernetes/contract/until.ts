import { type Cluster, ClusterError, type ClusterErrorCode, type Ref } from '../cluster.ts'
import type { Kind, Kinds } from '../objects.ts'

/** A real controller manager may take seconds; nothing here depends on how many. */
const PATIENCE_MS = 25_000

/** Waits until the object (undefined: gone, or not there yet) is as awaited; fails with the last version seen. */
export async function until<K extends Kind>(
  cluster: Cluster,
  kind: K,
  ref: Ref,
  accepts: (object: Kinds[K] | undefined) => boolean,
): Promise<Kinds[K] | undefined> {
  const objects = await untilAll(cluster, kind, ref.namespace, (all) => accepts(named(all, ref)))
  return named(objects, ref)
}

/** Waits until all objects of the kind in the namespace are as awaited together. */
export async function untilAll<K extends Kind>(
  cluster: Cluster,
  kind: K,
  namespace: string | undefined,
  accepts: (objects: Kinds[K][]) => boolean,
): Promise<Kinds[K][]> {
  const scope = namespace === undefined ? {} : { namespace }
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const page = await cluster.list(kind, scope)
  const objects = new Map(page.items.map((object) => [keyOf(object), object]))
  let { resourceVersion } = page
  while (!signal.aborted) {
    if (accepts([...objects.values()])) return [...objects.values()]
    for await (const event of cluster.watch(kind, { ...scope, resourceVersion, signal })) {
      if (event.type === 'BOOKMARK') {
        resourceVersion = event.resourceVersion
        continue
      }
      resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion
      if (event.type === 'DELETED') objects.delete(keyOf(event.object))
      else objects.set(keyOf(event.object), event.object)
      if (accepts([...objects.values()])) return [...objects.values()]
    }
  }
  const seen = [...objects.values()].map(({ metadata, status }: { metadata: object; status?: unknown }) => ({
    metadata,
    status,
  }))
  throw new Error(`${kind} did not become as awaited in ${PATIENCE_MS} ms; last seen: ${JSON.stringify(seen, null, 1)}`)
}

/** @returns the code the call was refused with; fails where it was not refused */
export async function refusal(call: Promise<unknown>): Promise<ClusterErrorCode> {
  const outcome = await call.then(
    () => 'was not refused',
    (error: unknown) => error,
  )
  if (outcome instanceof ClusterError) return outcome.code
  throw outcome instanceof Error ? outcome : new Error(String(outcome))
}

function named<K extends Kind>(objects: Kinds[K][], ref: Ref): Kinds[K] | undefined {
  return objects.find(({ metadata }) => metadata.name === ref.name && metadata.namespace === ref.namespace)
}

function keyOf({ metadata }: Kinds[Kind]): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}
