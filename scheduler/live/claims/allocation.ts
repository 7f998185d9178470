import type { ResourceClaim } from '../../../kubernetes/objects.ts'
import type { ClaimableDevice } from '../../model/node.ts'
import type { KnownClass } from './claimBook.ts'
import { type ReadClaim, readClaim } from './readClaim.ts'

type ClaimStatus = NonNullable<ResourceClaim['status']>
export type Allocation = NonNullable<ClaimStatus['allocation']>

/**
 * Which devices each claim gets of those that the pod was given: in the order of claims and of their requests,
 * so that whoever does it again does the same.
 * @returns null where these are not the devices that the claims ask for, which may be others than their template's now
 */
export function shareOut(
  claims: readonly ResourceClaim[],
  given: readonly ClaimableDevice[],
  node: string,
  classOf: (deviceClass: string) => KnownClass | undefined,
): Allocation[] | null {
  const rest = [...given]
  const allocations: Allocation[] = []
  for (const { spec } of claims) {
    const read = readClaim(spec)
    if ('path' in read) return null
    const results: NonNullable<NonNullable<Allocation['devices']>['results']> = []
    for (const { name, count, deviceClass, attributes } of read.requests) {
      const ofClass = classOf(deviceClass)?.attributes
      const devices = rest.splice(0, count)
      if (ofClass === undefined || 'path' in ofClass || devices.length < count) return null
      const suits = (device: ClaimableDevice) =>
        [...ofClass, ...attributes].every((asked) => device.attributes[asked.name] === asked.value)
      if (!devices.every(suits)) return null
      results.push(...devices.map(({ driver, pool, name: device }) => ({ request: name, driver, pool, device })))
    }
    const config = configFor(spec, read, classOf)
    allocations.push({ devices: { results, ...(config.length > 0 && { config }) }, nodeSelector: only(node) })
  }
  return rest.length === 0 ? allocations : null
}

/** What drivers are told: by the class first, then by the claim, which has the last word. */
function configFor(
  { devices }: ResourceClaim['spec'],
  { requests }: ReadClaim,
  classOf: (deviceClass: string) => KnownClass | undefined,
): NonNullable<NonNullable<Allocation['devices']>['config']> {
  const ofClasses = requests.flatMap(({ name, deviceClass }) =>
    (classOf(deviceClass)?.config ?? []).map((config) => ({ ...config, source: 'FromClass', requests: [name] })),
  )
  const ofClaim = (devices?.config ?? []).map((config) => ({ ...config, source: 'FromClaim' }))
  return [...ofClasses, ...ofClaim]
}

function only(node: string): NonNullable<Allocation['nodeSelector']> {
  return {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
  }
}

export function givesTheSame(a: Allocation, b: Allocation): boolean {
  const text = ({ devices }: Allocation) =>
    (devices?.results ?? []).map(({ request, driver, pool, device }) => [request, driver, pool, device].join()).sort()
  return JSON.stringify(text(a)) === JSON.stringify(text(b))
}
