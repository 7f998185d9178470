import type { DeviceClass, ResourceClaim } from '../../../kubernetes/objects.ts'
import type { DeviceAttribute } from '../../model/gang.ts'
import { readSelector } from './readSelector.ts'

type ClaimSpec = ResourceClaim['spec']
type DeviceRequest = NonNullable<NonNullable<ClaimSpec['devices']>['requests']>[number]
type Selectors = NonNullable<DeviceClass['spec']['selectors']>

/** What a claim asks for, one entry a request, its class not looked at yet. */
export interface ReadClaim {
  readonly requests: readonly ReadRequest[]
}
export interface ReadRequest {
  readonly name: string
  readonly deviceClass: string
  readonly count: number
  readonly attributes: readonly DeviceAttribute[]
}

/** Path, below the spec, of what is not supported. */
export interface Unsupported {
  readonly path: string
}

/** What is not known here is not supported: nothing is ever ignored because it is new. */
export function readClaim(spec: ClaimSpec): ReadClaim | Unsupported {
  const requests: ReadRequest[] = []
  const { requests: told = [], config: _, ...others } = spec.devices ?? {}
  const other = firstGiven(others)
  if (other !== undefined) return { path: `devices.${other}` }
  if (told.length === 0) return { path: 'devices.requests' }
  for (const [i, request] of told.entries()) {
    const read = readRequest(request)
    if ('path' in read) return { path: `devices.requests[${i}].${read.path}` }
    requests.push(read)
  }
  return { requests }
}

function readRequest({ name, exactly, ...others }: DeviceRequest): ReadRequest | Unsupported {
  const other = firstGiven(others)
  if (other !== undefined) return { path: other }
  if (exactly === undefined) return { path: 'exactly' }
  const { deviceClassName, allocationMode = 'ExactCount', count = 1, selectors = [], ...unsupported } = exactly
  const inside = firstGiven(unsupported)
  if (inside !== undefined) return { path: `exactly.${inside}` }
  if (allocationMode !== 'ExactCount') return { path: 'exactly.allocationMode' }
  const attributes = readSelectors(selectors)
  if ('path' in attributes) return { path: `exactly.${attributes.path}` }
  return { name, deviceClass: deviceClassName, count, attributes }
}

export function readClass({ spec }: DeviceClass): readonly DeviceAttribute[] | Unsupported {
  const { selectors = [], config: _, extendedResourceName: __, ...others } = spec
  const other = firstGiven(others)
  return other === undefined ? readSelectors(selectors) : { path: other }
}

function readSelectors(selectors: Selectors): DeviceAttribute[] | Unsupported {
  const all: DeviceAttribute[] = []
  for (const [i, { cel }] of selectors.entries()) {
    const read = cel === undefined ? null : readSelector(cel.expression)
    if (read === null) return { path: `selectors[${i}]${cel === undefined ? '' : '.cel.expression'}` }
    all.push(...read)
  }
  return all
}

/** An empty value says the same as none. */
function firstGiven(fields: object): string | undefined {
  const isGiven = (value: unknown) =>
    value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0)
  return Object.entries(fields).find(([, value]) => isGiven(value))?.[0]
}
