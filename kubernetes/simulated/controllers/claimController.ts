import { CLAIM_FINALIZER } from '../../names.ts'
import type { Pod, ResourceClaim, ResourceClaimTemplate } from '../../objects.ts'
import { deleteObject } from '../api/deletion.ts'
import { nameSuffix } from '../api/identifiers.ts'
import type { Machine } from '../api/machine.ts'
import { createObject, updateObject, updateStatus } from '../api/writes.ts'
import type { Commits } from '../store/commits.ts'
import { frozenCopy, withFields } from '../store/immutable.ts'
import { asChanges, type StoreChange } from '../store/objectStore.ts'
import { nameOf, namespaceOf, refOf, type StoredObject, stored, typed, uidOf } from '../store/storedObject.ts'

/** On a claim made from a template: which of the pod's claims it is. */
const POD_CLAIM_NAME = 'resource.kubernetes.io/pod-claim-name'

type PodSpec = NonNullable<Pod['spec']>
type PodClaim = NonNullable<PodSpec['resourceClaims']>[number]

/**
 * Kubernetes' resourceclaim controller: makes claims from templates for pods that need them, and takes devices
 * back from claims whose pods have ended or are gone.
 */
export class ClaimController {
  readonly #machine: Machine
  readonly #duePods = new Map<string, StoredObject>()
  readonly #dueClaims = new Map<string, StoredObject>()
  /** Claims by uid of the pods that they are reserved for. */
  readonly #reserved = new Map<string, Set<string>>()
  /** Pods that wait for a template. */
  readonly #waiting = new Map<string, StoredObject>()

  constructor(machine: Machine, commits: Commits) {
    this.#machine = machine
    machine.store.onChange((change) => this.#note(change))
    commits.addController(() => this.#runOnce())
  }

  /** Takes up what a journal brought back. */
  resume(): void {
    for (const change of asChanges(this.#machine.store)) this.#note(change)
  }

  #note({ kind, type, object }: StoreChange): void {
    if (kind === 'Pod') this.#notePod(type, object)
    if (kind === 'ResourceClaim') {
      if (type !== 'DELETED') this.#dueClaims.set(uidOf(object), object)
      for (const { uid } of typed('ResourceClaim', object).status?.reservedFor ?? []) {
        this.#reserved.set(uid, (this.#reserved.get(uid) ?? new Set()).add(uidOf(object)))
      }
    }
    if (kind === 'ResourceClaimTemplate') for (const [uid, pod] of this.#waiting) this.#duePods.set(uid, pod)
  }

  #notePod(type: StoreChange['type'], object: StoredObject): void {
    const pod = typed('Pod', object)
    if (pod.spec?.resourceClaims === undefined) return
    const hasGone = type === 'DELETED' || hasEnded(pod)
    if (hasGone) this.#waiting.delete(uidOf(object))
    if (type === 'DELETED') this.#duePods.delete(uidOf(object))
    else this.#duePods.set(uidOf(object), object)
    if (!hasGone) return
    for (const uid of this.#reserved.get(uidOf(object)) ?? []) {
      const claim = this.#claimByUid(uid, namespaceOf(object))
      if (claim !== undefined) this.#dueClaims.set(uid, claim)
    }
    if (type === 'DELETED') this.#reserved.delete(uidOf(object))
  }

  #runOnce(): boolean {
    if (this.#duePods.size === 0 && this.#dueClaims.size === 0) return false
    const pods = [...this.#duePods.values()]
    const claims = [...this.#dueClaims.values()]
    this.#duePods.clear()
    this.#dueClaims.clear()
    for (const pod of pods) this.#syncPod(pod)
    for (const claim of claims) this.#syncClaim(claim)
    return true
  }

  #syncPod(seen: StoredObject): void {
    const live = this.#live('Pod', seen)
    if (live === undefined) return
    const pod = typed('Pod', live)
    const known = pod.status?.resourceClaimStatuses ?? []
    if (hasEnded(pod)) {
      for (const { resourceClaimName } of known) this.#deleteGenerated(live, resourceClaimName)
      return
    }
    if (pod.metadata.deletionTimestamp !== undefined) return
    const made = (pod.spec?.resourceClaims ?? [])
      .filter(({ name }) => !known.some((status) => status.name === name))
      .flatMap((claim) => this.#generate(live, claim))
    if (made.length === 0) return
    updateStatus(
      this.#machine,
      'Pod',
      live,
      withFields(live.status ?? {}, { resourceClaimStatuses: frozenCopy([...known, ...made]) } as object),
    )
  }

  #generate(pod: StoredObject, { name, resourceClaimTemplateName }: PodClaim) {
    if (resourceClaimTemplateName === undefined) return []
    const namespace = namespaceOf(pod)
    const template = this.#machine.store.get('ResourceClaimTemplate', { namespace, name: resourceClaimTemplateName })
    if (template === undefined) {
      this.#waiting.set(uidOf(pod), pod)
      return []
    }
    this.#waiting.delete(uidOf(pod))
    const claim = claimOf(pod, name, typed('ResourceClaimTemplate', template), nameSuffix(this.#machine, 0))
    createObject(this.#machine, 'ResourceClaim', stored(claim))
    return [{ name, resourceClaimName: claim.metadata.name }]
  }

  #deleteGenerated(pod: StoredObject, name: string | undefined): void {
    if (name === undefined) return
    const ref = { namespace: namespaceOf(pod), name }
    const claim = this.#machine.store.get('ResourceClaim', ref)
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return
    deleteObject(this.#machine, 'ResourceClaim', ref)
  }

  #syncClaim(seen: StoredObject): void {
    const live = this.#live('ResourceClaim', seen)
    if (live === undefined) return
    const { status, metadata } = typed('ResourceClaim', live)
    const reservedFor = status?.reservedFor ?? []
    const valid = reservedFor.filter(({ name, uid }) => this.#isInUse(metadata.namespace ?? '', name, uid))
    const isLeaving = metadata.deletionTimestamp !== undefined
    const isFreed = valid.length === 0 && (valid.length < reservedFor.length || isLeaving)
    if (valid.length === reservedFor.length && !isFreed) return
    const next = isFreed
      ? withFields(live.status ?? {}, { allocation: undefined, reservedFor: undefined } as object)
      : withFields(live.status ?? {}, { reservedFor: Object.freeze(valid) } as object)
    const written = updateStatus(this.#machine, 'ResourceClaim', live, next)
    if (isFreed) this.#letGo(written)
  }

  #letGo(claim: StoredObject): void {
    if (claim.metadata.finalizers?.includes(CLAIM_FINALIZER) !== true) return
    const finalizers = Object.freeze(claim.metadata.finalizers.filter((name) => name !== CLAIM_FINALIZER))
    const metadata = withFields(claim.metadata, { finalizers: finalizers.length === 0 ? undefined : finalizers })
    updateObject(this.#machine, 'ResourceClaim', claim, withFields(claim, { metadata }))
  }

  #isInUse(namespace: string, name: string, uid: string): boolean {
    const pod = this.#machine.store.get('Pod', { namespace, name })
    return pod !== undefined && uidOf(pod) === uid && !hasEnded(typed('Pod', pod))
  }

  #live(kind: 'Pod' | 'ResourceClaim', seen: StoredObject): StoredObject | undefined {
    const live = this.#machine.store.get(kind, refOf(seen))
    return live !== undefined && uidOf(live) === uidOf(seen) ? live : undefined
  }

  #claimByUid(uid: string, namespace: string): StoredObject | undefined {
    for (const claim of this.#machine.store.all('ResourceClaim', namespace)) if (uidOf(claim) === uid) return claim
    return undefined
  }
}

function claimOf(pod: StoredObject, name: string, { spec }: ResourceClaimTemplate, suffix: string): ResourceClaim {
  return {
    metadata: {
      namespace: namespaceOf(pod),
      name: `${nameOf(pod)}-${name}-${suffix}`,
      ...(spec.metadata?.labels && { labels: spec.metadata.labels }),
      annotations: { ...spec.metadata?.annotations, [POD_CLAIM_NAME]: name },
      ownerReferences: [
        {
          apiVersion: 'v1',
          kind: 'Pod',
          name: nameOf(pod),
          uid: uidOf(pod),
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: spec.spec,
  }
}

function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}
