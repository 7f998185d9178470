import type { Cluster } from '../../kubernetes/cluster.ts'
import { type Kind, resources } from '../../kubernetes/objects.ts'

/** The same cluster, and what RBAC is asked for each request to it, as "verb group/resource" or with ":name". */
export function recording(cluster: Cluster, namesIn: string): { cluster: Cluster; asked: ReadonlySet<string> } {
  const asked = new Set<string>()
  function note(verb: string, kind: Kind, { subresource = '', namespace = '', name = '' } = {}): void {
    const { apiVersion, plural } = resources[kind]
    const group = apiVersion.includes('/') ? `${apiVersion.split('/')[0]}/` : ''
    const isSystems = namespace === namesIn
    // The system's own objects are named in the rules; nobody can be bound to a name when creating.
    const named = isSystems && verb !== 'create' ? `:${name}` : ''
    asked.add(
      `${verb} ${group}${plural}${subresource && `/${subresource}`}${named}${isSystems ? ' in the system' : ''}`,
    )
  }
  return {
    asked,
    cluster: {
      list(kind, options) {
        note('list', kind)
        return cluster.list(kind, options)
      },
      watch(kind, options) {
        note('watch', kind)
        return cluster.watch(kind, options)
      },
      get(kind, ref) {
        note('get', kind, ref)
        return cluster.get(kind, ref)
      },
      create(kind, object, options) {
        note('create', kind, object.metadata)
        return cluster.create(kind, object, options)
      },
      apply(kind, object) {
        for (const verb of ['create', 'patch']) note(verb, kind, object.metadata)
        return cluster.apply(kind, object)
      },
      patch(kind, ref, patch, options) {
        note('patch', kind, { ...ref, ...options })
        return cluster.patch(kind, ref, patch, options)
      },
      delete(kind, ref, options) {
        note('delete', kind, ref)
        return cluster.delete(kind, ref, options)
      },
      bind(binding) {
        note('create', 'Pod', { subresource: 'binding' })
        return cluster.bind(binding)
      },
      evict(ref) {
        note('create', 'Pod', { subresource: 'eviction' })
        return cluster.evict(ref)
      },
      logs(ref, options) {
        note('get', 'Pod', { subresource: 'log' })
        return cluster.logs(ref, options)
      },
    },
  }
}
