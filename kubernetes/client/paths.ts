import { type Kind, resources } from '../objects.ts'

/** `/apis/batch/v1/namespaces/acme/jobs`; for a namespaced kind without a namespace, all namespaces. */
export function collectionPath(kind: Kind, namespace?: string): string {
  const { apiVersion, plural, namespaced } = resources[kind]
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return namespaced && namespace !== undefined
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`
    : `${root}/${plural}`
}

/** A Namespace, a Node or a Queue has no namespace; any other object must name its own. */
export function objectPath(kind: Kind, ref: { namespace?: string; name: string }, subresource?: string): string {
  const path = `${collectionPath(kind, ref.namespace)}/${encodeURIComponent(ref.name)}`
  return subresource === undefined ? path : `${path}/${subresource}`
}

/** `?a=1&b=x`, without what is undefined; '' where nothing is left. */
export function query(parameters: Record<string, string | number | boolean | undefined>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) search.set(name, String(value))
  return search.size === 0 ? '' : `?${search}`
}
