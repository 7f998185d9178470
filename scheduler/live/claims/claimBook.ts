import type { DeviceClass, ResourceClaim, ResourceClaimTemplate } from '../../../kubernetes/objects.ts'
import { type DeviceAttribute, type DeviceRequest, type Gang, gangOf, type PodClaim } from '../../model/gang.ts'
import { isGang } from '../../model/job.ts'
import { WHOLE_DEVICE } from '../../model/node.ts'
import type { PendingReason } from '../../model/pending.ts'
import type { JobEntry } from '../jobEntry.ts'
import { type ReadClaim, readClaim, readClass, type Unsupported } from './readClaim.ts'
import { deviceId } from './sliceBook.ts'

export interface KnownClass {
  readonly attributes: readonly DeviceAttribute[] | Unsupported
  readonly config: NonNullable<DeviceClass['spec']['config']>
}

interface KnownClaim {
  readonly uid: string
  readonly read: ReadClaim | Unsupported
  /** Of the devices that are allocated to it. */
  readonly devices: readonly string[]
  /** Uids of who may use it. */
  readonly reservedFor: readonly string[]
}

/** Claims, templates and classes: what pods that refer to them ask for, and which devices are given away by them. */
export class ClaimBook {
  readonly #templates = new Map<string, ReadClaim | Unsupported>()
  readonly #classes = new Map<string, KnownClass>()
  readonly #claims = new Map<string, KnownClaim>()
  readonly #claimsOfDevice = new Map<string, Set<KnownClaim>>()
  readonly #followers = new Map<string, Set<JobEntry>>()
  readonly #followed = new Map<JobEntry, readonly string[]>()

  /** @returns jobs that may ask for something else now; so do the next two */
  noteTemplate({ metadata, spec }: ResourceClaimTemplate, isGone: boolean): Iterable<JobEntry> {
    const key = keyOf('ResourceClaimTemplate', metadata.namespace, metadata.name)
    if (isGone) this.#templates.delete(key)
    else this.#templates.set(key, readClaim(spec.spec))
    return this.#followersOf(key)
  }

  noteClass(deviceClass: DeviceClass, isGone: boolean): Iterable<JobEntry> {
    const name = deviceClass.metadata.name ?? ''
    const { config = [] } = deviceClass.spec
    if (isGone) this.#classes.delete(name)
    else this.#classes.set(name, { attributes: readClass(deviceClass), config })
    return [...this.#followed.keys()]
  }

  /** @property devices those that it gave or took */
  noteClaim(claim: ResourceClaim, isGone: boolean): { jobs: Iterable<JobEntry>; devices: readonly string[] } {
    const { metadata, spec, status } = claim
    const key = keyOf('ResourceClaim', metadata.namespace, metadata.name)
    const before = this.#claims.get(key)
    const now: KnownClaim = {
      uid: metadata.uid ?? '',
      read: readClaim(spec),
      devices: (status?.allocation?.devices?.results ?? []).map(deviceId),
      reservedFor: (status?.reservedFor ?? []).map(({ uid }) => uid),
    }
    if (before !== undefined) for (const device of before.devices) this.#claimsOfDevice.get(device)?.delete(before)
    if (isGone) this.#claims.delete(key)
    else {
      this.#claims.set(key, now)
      for (const device of now.devices)
        this.#claimsOfDevice.set(device, (this.#claimsOfDevice.get(device) ?? new Set()).add(now))
    }
    const devices = [...new Set([...(before?.devices ?? []), ...now.devices])]
    for (const device of devices) if (this.#claimsOfDevice.get(device)?.size === 0) this.#claimsOfDevice.delete(device)
    return { jobs: this.#followersOf(key), devices }
  }

  /** Of the claims of that name which devices they have. */
  devicesOf(namespace: string, claims: readonly string[]): string[] {
    return claims.flatMap((name) => this.#claims.get(keyOf('ResourceClaim', namespace, name))?.devices ?? [])
  }

  isAllocated(device: string): boolean {
    return this.#claimsOfDevice.has(device)
  }

  /** Of the claims that have the device, for whom each is reserved. */
  reservationsOf(device: string): (readonly string[])[] {
    return [...(this.#claimsOfDevice.get(device) ?? [])].map(({ reservedFor }) => reservedFor)
  }

  classOf(name: string): KnownClass | undefined {
    return this.#classes.get(name)
  }

  /** What the job asks for with what its claims ask for; told anew when that changes. */
  demandOf(entry: JobEntry): Gang | PendingReason {
    const { read } = entry
    if (read === null || !isGang(read.asked) || !read.asked.pod.claims?.length) {
      this.#follow(entry, [])
      return read?.asked ?? NOTHING
    }
    const { slots, most, pod, topology, isSpread } = read.asked
    const claims = pod.claims ?? []
    this.#follow(
      entry,
      claims.map(({ kind, object }) => keyOf(kind, read.namespace, object)),
    )
    const asked = this.#devicesAsked(entry, read.namespace, most ?? slots, claims)
    const isAdmitted = read.admission !== null && !read.isSuspended
    // It keeps what it was given, whatever became of its template since.
    const given = isAdmitted ? read.admission?.assignment.slots[0]?.devices.length : undefined
    if (!('code' in asked)) return gangOf(slots, { ...pod, gpu: asked }, topology, isSpread, most)
    return given === undefined ? asked : gangOf(slots, { ...pod, gpu: wholes(given, []) }, topology, isSpread, most)
  }

  forget(entry: JobEntry): void {
    this.#follow(entry, [])
  }

  #devicesAsked(
    entry: JobEntry,
    namespace: string,
    slots: number,
    claims: readonly PodClaim[],
  ): DeviceRequest | PendingReason {
    let count = 0
    let common: string | null = null
    let attributes: readonly DeviceAttribute[] = []
    for (const claim of claims) {
      const where = `${claim.kind} ${claim.object}`
      const read = this.#read(entry, namespace, slots, claim)
      if ('code' in read) return read
      for (const [i, request] of read.requests.entries()) {
        const ofClass = this.#classes.get(request.deviceClass)?.attributes
        if (ofClass === undefined) return missing(`DeviceClass ${request.deviceClass}`)
        if ('path' in ofClass) return unsupported(`DeviceClass ${request.deviceClass}`, `spec.${ofClass.path}`)
        attributes = distinct([...ofClass, ...request.attributes])
        const text = JSON.stringify(attributes)
        if (common !== null && common !== text)
          return unsupported(
            where,
            `${specOf(claim)}.devices.requests[${i}]`,
            'It asks for other devices than the pod’s other requests.',
            'Ask for devices of one class with the same selectors.',
          )
        common = text
        count += request.count
      }
    }
    return wholes(count, attributes)
  }

  #read(
    entry: JobEntry,
    namespace: string,
    slots: number,
    { kind, object, name }: PodClaim,
  ): ReadClaim | PendingReason {
    const where = `${kind} ${object}`
    const key = keyOf(kind, namespace, object)
    const known = this.#claims.get(key)
    const read = kind === 'ResourceClaim' ? known?.read : this.#templates.get(key)
    if (read === undefined) return missing(where)
    if ('path' in read) return unsupported(where, `${specOf({ kind })}.${read.path}`)
    if (kind === 'ResourceClaimTemplate') return read
    const field = `spec.template.spec.resourceClaims ${name}`
    if (slots > 1) return unsupported(where, field, 'Several pods would share it.', NAME_A_TEMPLATE)
    const others = known?.reservedFor.some((uid) => !entry.pods.has(uid)) ?? false
    const isTaken = (known?.devices.length ?? 0) > 0 && !known?.reservedFor.some((uid) => entry.pods.has(uid))
    if (others || isTaken) return unsupported(where, field, 'It is in use by somebody else.', NAME_A_TEMPLATE)
    return read
  }

  #followersOf(key: string): Iterable<JobEntry> {
    return [...(this.#followers.get(key) ?? [])]
  }

  #follow(entry: JobEntry, keys: readonly string[]): void {
    const before = this.#followed.get(entry) ?? []
    if (before.length === keys.length && before.every((key, i) => key === keys[i])) return
    for (const key of before) {
      const followers = this.#followers.get(key)
      followers?.delete(entry)
      if (followers?.size === 0) this.#followers.delete(key)
    }
    for (const key of keys) this.#followers.set(key, (this.#followers.get(key) ?? new Set()).add(entry))
    if (keys.length === 0) this.#followed.delete(entry)
    else this.#followed.set(entry, keys)
  }
}

function keyOf(kind: PodClaim['kind'], namespace = '', name = ''): string {
  return `${kind}/${namespace}/${name}`
}

function specOf({ kind }: Pick<PodClaim, 'kind'>): string {
  return kind === 'ResourceClaim' ? 'spec' : 'spec.spec'
}

function wholes(count: number, attributes: readonly DeviceAttribute[]): DeviceRequest {
  return { count, thousandths: WHOLE_DEVICE, memoryMiB: 0, models: [], attributes }
}

function distinct(attributes: readonly DeviceAttribute[]): DeviceAttribute[] {
  const byText = new Map(attributes.map((each) => [JSON.stringify([each.name, each.value]), each]))
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each)
}

const NOTHING: PendingReason = { code: 'InvalidRequest', message: 'There is no such Job.', fix: 'Submit it again.' }

function missing(where: string): PendingReason {
  return {
    code: 'Misconfigured',
    message: `${where}, which its pods refer to, does not exist.`,
    fix: `Create ${where}, or refer to another.`,
  }
}

function unsupported(where: string, path: string, why = UNREADABLE, fix?: string): PendingReason {
  return {
    code: 'UnsupportedClaim',
    message: `UnsupportedClaim(${where}: ${path}): ${why}`,
    fix: fix ?? `Leave out ${path}, or ask as docs/scheduling-support.md has it.`,
  }
}

const UNREADABLE = 'Sluice gives no devices that are asked for in this way.'
const NAME_A_TEMPLATE = 'Name a ResourceClaimTemplate, from which each pod gets a claim of its own.'
