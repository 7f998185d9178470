import type { Cluster } from '../../kubernetes/cluster.ts'
import { annotations, labels, METERED_FINALIZER } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import { type JobWish, jobOf } from './stage.ts'

export interface GroupWish extends JobWish {
  /** Name of the group; its pods are called `<name>-<number>`, or as `named` says. */
  name: string
  /** How many pods they say there are; null: nothing. */
  size: number | null
  named?: string
  owner?: { kind: string; name: string; uid: string }
}

/** A pod as another controller would make it for the group. */
export function groupPod(wish: GroupWish, number = 0): Pod {
  const { metadata = {}, spec } = jobOf(wish).spec?.template ?? {}
  const { namespace = 't', name, size, queue, named = name, owner } = wish
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      name: `${named}-${number}`,
      labels: { [labels.group]: name, ...(queue !== undefined && { [labels.queue]: queue }), ...metadata.labels },
      annotations: {
        ...(size !== null && { [annotations.groupSize]: String(size) }),
        ...metadata.annotations,
        ...wish.annotations,
      },
      ...(owner && { ownerReferences: [{ apiVersion: 'batch/v1', controller: true, ...owner }] }),
    },
    ...(spec && { spec }),
  }
}

/** So many pods of the group, counted from `from`. */
export async function createPods(cluster: Cluster, wish: GroupWish, count: number, from = 0): Promise<void> {
  for (let number = from; number < from + count; number++) await cluster.create('Pod', groupPod(wish, number))
}

export async function podsOfGroup(cluster: Cluster, name: string, namespace = 't'): Promise<Pod[]> {
  return [...(await cluster.list('Pod', { namespace, labelSelector: `${labels.group}=${name}` })).items]
}

/** "pod: node/devices" of those that are bound and have not ended. */
export function placesOfGroup(pods: readonly Pod[]): string[] {
  const bound = pods.filter(({ spec, status }) => spec?.nodeName && !/Succeeded|Failed/.test(status?.phase ?? ''))
  const told = bound.map(({ metadata, spec }) => {
    const devices: { index: number }[] = JSON.parse(metadata.annotations?.[annotations.devices] ?? '[]')
    return `${metadata.name}: ${spec?.nodeName}/${devices.map(({ index }) => index).join('+')}`
  })
  return told.sort()
}

/** What stands on the pod that bears the group's record. */
export function recordOf(pods: readonly Pod[]): {
  pending: { code: string; message: string; fix: string } | null
  text: string
} {
  const versionOf = ({ metadata }: Pod) =>
    JSON.parse(metadata.annotations?.[annotations.groupRecord] ?? '{}').version ?? 0
  const [bearer] = pods.toSorted((a, b) => versionOf(b) - versionOf(a))
  const told = bearer?.metadata.annotations ?? {}
  return { pending: JSON.parse(told[annotations.pending] ?? 'null'), text: told[annotations.groupRecord] ?? '' }
}

/** As the agent does it once they are metered: lets go of those that have ended, or never began. */
export async function release(cluster: Cluster, pods: readonly Pod[]): Promise<void> {
  for (const { metadata, spec, status } of pods) {
    const { namespace = '', name = '', finalizers = [], deletionTimestamp } = metadata
    const hasEnded = status?.phase === 'Succeeded' || status?.phase === 'Failed'
    const neverBegan = deletionTimestamp !== undefined && spec?.nodeName === undefined
    if (!finalizers.includes(METERED_FINALIZER) || !(hasEnded || neverBegan)) continue
    const value = finalizers.filter((each) => each !== METERED_FINALIZER)
    await cluster.patch('Pod', { namespace, name }, [{ op: 'replace', path: '/metadata/finalizers', value }])
  }
}
