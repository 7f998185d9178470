import type { Cluster } from '../cluster.ts'
import { FIELD_MANAGER } from '../names.ts'
import { type Kind, type Kinds, resources } from '../objects.ts'
import { type KubernetesAccess, readCredentials } from './credentials.ts'
import { collectionPath, objectPath, query } from './paths.ts'
import { createTransport, DEFAULT_LIMITS, type Limits, type Transport } from './transport.ts'
import { watchEvents } from './watchEvents.ts'
import { itemsOf, type WireList, withoutManagedFields } from './wireObjects.ts'

export type KubernetesCluster = Cluster & {
  /** Of the server, such as v1.36.3. */
  version(): Promise<string>
  /** Ends the watches, waits a moment for the requests under way, and breaks off the rest. */
  close(): Promise<void>
}

/**
 * The cluster behind a real API server. Opens no connection yet: the first request does.
 * @throws ClusterError where configuration or credentials cannot be read
 */
export async function connectKubernetes(
  access: KubernetesAccess,
  limits: Limits = DEFAULT_LIMITS,
): Promise<KubernetesCluster> {
  const credentials = await readCredentials(access, Date.now)
  const transport = createTransport(credentials, limits)
  // The server gives up when we do: a write nobody waits for any more should not happen later.
  const writing = { fieldManager: FIELD_MANAGER, timeout: `${Math.ceil(limits.requestTimeoutMs / 1_000)}s` }
  return {
    ...reads(transport),
    ...writes(transport, writing),
    version: async () => (await transport.json<{ gitVersion: string }>({ method: 'GET', path: '/version' })).gitVersion,
    close: () => transport.close(),
  }
}

function reads(transport: Transport): Pick<Cluster, 'list' | 'watch' | 'get' | 'logs'> {
  return {
    async list(kind, { namespace, labelSelector, limit, continue: from } = {}) {
      const path = collectionPath(kind, namespace) + query({ labelSelector, limit, continue: from })
      const list = await transport.json<WireList<Kinds[typeof kind]>>({ method: 'GET', path })
      const { resourceVersion, continue: next } = list.metadata
      return { items: itemsOf(kind, list), resourceVersion, ...(next && { continue: next }) }
    },
    watch<K extends Kind>(
      kind: K,
      { namespace, labelSelector, resourceVersion, signal }: Parameters<Cluster['watch']>[1],
    ) {
      const parameters = { watch: 1, allowWatchBookmarks: true, resourceVersion, labelSelector }
      return watchEvents<K>(transport, collectionPath(kind, namespace) + query(parameters), signal)
    },
    async get(kind, ref) {
      return withoutManagedFields(await transport.json({ method: 'GET', path: objectPath(kind, ref) }))
    },
    async logs(ref, { limitBytes } = {}) {
      // The server wants a container's name where there are several.
      const pod = await transport.json<Kinds['Pod']>({ method: 'GET', path: objectPath('Pod', ref) })
      const container = pod.spec?.containers[0]?.name
      return transport.text(objectPath('Pod', ref, 'log') + query({ container, limitBytes }))
    },
  }
}

type Writes = Pick<Cluster, 'create' | 'apply' | 'patch' | 'delete' | 'bind' | 'evict'>

function writes(transport: Transport, writing: { fieldManager: string; timeout: string }): Writes {
  const { timeout } = writing
  return {
    async create(kind, object, { dryRun } = {}) {
      const path =
        collectionPath(kind, object.metadata.namespace) + query({ ...writing, dryRun: dryRun ? 'All' : undefined })
      return withoutManagedFields(await transport.json({ method: 'POST', path, body: object }))
    },
    async apply(kind, object) {
      return withoutManagedFields(
        await transport.json({
          method: 'PATCH',
          path: objectPath(kind, refOf(object)) + query({ ...writing, force: true }),
          body: { ...object, apiVersion: resources[kind].apiVersion, kind },
          contentType: 'application/apply-patch+yaml', // JSON is YAML
        }),
      )
    },
    async patch(kind, ref, patch, { subresource } = {}) {
      return withoutManagedFields(
        await transport.json({
          method: 'PATCH',
          path: objectPath(kind, ref, subresource) + query(writing),
          body: patch,
          contentType: 'application/json-patch+json',
        }),
      )
    },
    async delete(kind, ref, { uid, resourceVersion, gracePeriodSeconds, propagationPolicy } = {}) {
      const body = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        ...((uid !== undefined || resourceVersion !== undefined) && { preconditions: { uid, resourceVersion } }),
        gracePeriodSeconds,
        propagationPolicy,
      }
      await transport.json({ method: 'DELETE', path: objectPath(kind, ref) + query({ timeout }), body })
    },
    async bind({ namespace, pod, node, uid, resourceVersion, annotations }) {
      const body = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { namespace, name: pod, uid, resourceVersion, annotations },
        target: { apiVersion: 'v1', kind: 'Node', name: node },
      }
      const path = objectPath('Pod', { namespace, name: pod }, 'binding') + query(writing)
      await transport.json({ method: 'POST', path, body })
    },
    async evict(ref) {
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: ref }
      await transport.json({ method: 'POST', path: objectPath('Pod', ref, 'eviction') + query(writing), body })
    },
  }
}

function refOf(object: { metadata: { namespace?: string; name?: string } }): { namespace?: string; name: string } {
  const { namespace, name } = object.metadata
  return { name: name as string, ...(namespace !== undefined && { namespace }) }
}
