import type { Kinds } from '../../kubernetes/objects.ts'
import type { NodeTerm } from '../model/nodeAffinity.ts'
import type { PendingReason } from '../model/pending.ts'
import { readNodeTerm } from './readAffinity.ts'

type Claim = Kinds['PersistentVolumeClaim']
type Volume = Kinds['PersistentVolume']
type StorageClass = Kinds['StorageClass']

/** Where a claim can be used: on nodes for which one of the terms holds; null: on any. */
export interface ClaimState {
  readonly nodes: readonly NodeTerm[] | null
  /** It becomes a volume only once it is known on which node it is used first. */
  readonly awaitsNode: boolean
}

const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'
/** Volumes that are there already, of which somebody would have to choose. */
const NO_PROVISIONER = 'kubernetes.io/no-provisioner'

/** Claims, volumes and storage classes, as far as they say where a pod may run. */
export class VolumeBook {
  readonly #claims = new Map<string, Claim>()
  readonly #volumes = new Map<string, Volume>()
  readonly #classes = new Map<string, StorageClass>()

  setClaim(claim: Claim, isGone: boolean): void {
    set(this.#claims, keyOf(claim.metadata.namespace ?? '', claim.metadata.name ?? ''), claim, isGone)
  }

  setVolume(volume: Volume, isGone: boolean): void {
    set(this.#volumes, volume.metadata.name ?? '', volume, isGone)
  }

  setClass(storageClass: StorageClass, isGone: boolean): void {
    set(this.#classes, storageClass.metadata.name ?? '', storageClass, isGone)
  }

  claim(namespace: string, name: string): Claim | undefined {
    return this.#claims.get(keyOf(namespace, name))
  }

  /** Where each of the claims can be used; or why one cannot be used yet, or by such a gang. */
  statesOf(namespace: string, names: readonly string[], slots: number): ClaimState[] | PendingReason {
    const states: ClaimState[] = []
    for (const name of names) {
      const state = this.#stateOf(namespace, name, slots)
      if ('code' in state) return state
      states.push(state)
    }
    return states
  }

  #stateOf(namespace: string, name: string, slots: number): ClaimState | PendingReason {
    const claim = this.claim(namespace, name)
    if (claim === undefined) return notReady(`There is no claim ${name}.`, 'Create it, or leave the volume out.')
    if (claim.metadata.deletionTimestamp !== undefined)
      return notReady(`Its claim ${name} is being deleted.`, 'Create another, or leave the volume out.')
    if (claim.status?.phase === 'Lost')
      return notReady(`The volume of its claim ${name} is gone.`, 'Delete the claim and create it anew.')
    if (slots > 1 && claim.spec?.accessModes?.includes('ReadWriteOncePod'))
      return notReady(
        `Its claim ${name} is ReadWriteOncePod, and the job has ${slots} pods.`,
        'Use ReadWriteMany, or one pod.',
      )
    return isBound(claim) ? this.#whereBound(claim) : this.#whereUnbound(claim)
  }

  #whereBound({ metadata, spec }: Claim): ClaimState | PendingReason {
    const volume = this.#volumes.get(spec?.volumeName ?? '')
    if (volume === undefined)
      return notReady(
        `The volume ${spec?.volumeName} of its claim ${metadata.name} is not known.`,
        'Delete the claim and create it anew.',
      )
    const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms
    return { nodes: terms?.map(readNodeTerm) ?? null, awaitsNode: false }
  }

  #whereUnbound({ metadata, spec }: Claim): ClaimState | PendingReason {
    const storageClass = this.#classes.get(spec?.storageClassName ?? '')
    if (storageClass?.volumeBindingMode !== 'WaitForFirstConsumer')
      return notReady(`Its claim ${metadata.name} has no volume yet.`, 'It starts once the claim is bound.')
    if (storageClass.provisioner === NO_PROVISIONER)
      return notReady(
        `Its claim ${metadata.name} would have to be given one of the volumes that are there, which Sluice does not choose.`,
        'Name one in spec.volumeName of the claim, or use a storage class with a provisioner.',
      )
    const topologies = storageClass.allowedTopologies?.map((topology): NodeTerm => {
      const labels = (topology.matchLabelExpressions ?? []).map(({ key, values }) => {
        return { key, operator: 'In' as const, values }
      })
      return { labels, names: [] }
    })
    return { nodes: topologies ?? null, awaitsNode: true }
  }
}

export function selectedNode({ metadata }: Claim): string | undefined {
  return metadata.annotations?.[SELECTED_NODE]
}

export const SELECTED_NODE_ANNOTATION = SELECTED_NODE

function isBound({ metadata, spec }: Claim): boolean {
  return spec?.volumeName !== undefined && metadata.annotations?.[BIND_COMPLETED] !== undefined
}

function notReady(message: string, fix: string): PendingReason {
  return { code: 'VolumeNotReady', message, fix }
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`
}

function set<T>(map: Map<string, T>, key: string, value: T, isGone: boolean): void {
  if (isGone) map.delete(key)
  else map.set(key, value)
}
