import { isEqual } from '../store/immutable.ts'
import { invalid } from '../store/refusals.ts'
import { nameOf, type StoredObject, typed } from '../store/storedObject.ts'

/** What the API server checks when the status of a ResourceClaim is written; two claims with one device it lets pass. */
export function validateClaimStatus(before: StoredObject, after: StoredObject): void {
  const [{ status: old }, { status }] = [typed('ResourceClaim', before), typed('ResourceClaim', after)]
  if (old?.allocation !== undefined && status?.allocation !== undefined && !isEqual(old.allocation, status.allocation))
    throw invalid('ResourceClaim', nameOf(after), 'status.allocation: field is immutable')
  const isReserved = (status?.reservedFor ?? []).length > 0
  if (isReserved && status?.allocation === undefined)
    throw invalid('ResourceClaim', nameOf(after), 'status.reservedFor: Forbidden: only while it is allocated')
  const isAdded = (status?.reservedFor ?? []).some(({ uid }) => !old?.reservedFor?.some((known) => known.uid === uid))
  if (isAdded && before.metadata.deletionTimestamp !== undefined)
    throw invalid('ResourceClaim', nameOf(after), 'status.reservedFor: Forbidden: the claim is being deleted')
}
