import type { JsonPatch } from '../../../kubernetes/cluster.ts'
import { jsonPointer } from '../../../kubernetes/cluster.ts'
import { annotations } from '../../../kubernetes/names.ts'
import type { Pod } from '../../../kubernetes/objects.ts'

/**
 * What was decided on a group, as it stands on one of its pods: what a Job has as annotations. It is one annotation,
 * because a Binding writes some of the same names on the pod for the pod itself.
 */
export interface GroupRecord {
  /** Grows with each write: of two pods that bear a record, as while it moves to another, the newer one counts. */
  readonly version: number
  /** How often it has been given places: tells its pods from those that an earlier admission bound. */
  readonly turn: number
  /** Slots of this turn whose pods have succeeded, as far as those may be gone: nobody needs them any more. */
  readonly done: readonly number[]
  /** The group's place in the order, RFC 3339: its pods may be made anew while it waits. */
  readonly since: string
  /** Annotations as a Job has them, by name. */
  readonly told: Readonly<Record<string, string>>
}

/** null where there is none, or nothing that can be read */
export function readRecord({ metadata }: Pod): GroupRecord | null {
  const text = metadata.annotations?.[annotations.groupRecord]
  if (text === undefined) return null
  try {
    const { version, turn, done, since, told } = JSON.parse(text) as GroupRecord
    const isWhole = [version, turn, ...done].every(Number.isSafeInteger) && !Number.isNaN(Date.parse(since))
    return isWhole && isTexts(told) ? { version, turn, done, since, told } : null
  } catch {
    return null
  }
}

function isTexts(told: unknown): boolean {
  return typeof told === 'object' && told !== null && Object.values(told).every((text) => typeof text === 'string')
}

/**
 * Writes the record on the pod, if that is still as it was read. Why the group waits stands there a second time by
 * itself, for people.
 * @param epoch the present one
 */
export function recordPatch({ metadata }: Pod, record: GroupRecord, epoch: string): JsonPatch {
  const before = metadata.annotations ?? {}
  const pending = record.told[annotations.pending]
  const path = (name: string) => jsonPointer('metadata', 'annotations', name)
  return [
    { op: 'test', path: '/metadata/uid', value: metadata.uid },
    { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
    { op: 'add', path: path(annotations.groupRecord), value: JSON.stringify(record) },
    { op: 'add', path: path(annotations.epoch), value: epoch },
    ...(pending === undefined ? [] : [{ op: 'add' as const, path: path(annotations.pending), value: pending }]),
    ...(pending === undefined && annotations.pending in before
      ? [{ op: 'remove' as const, path: path(annotations.pending) }]
      : []),
  ]
}

/** What would stand on a Job after the patch; all but its annotations is left out. */
export function toldAfter(told: GroupRecord['told'], patch: JsonPatch): Record<string, string> {
  const after: Record<string, string> = { ...told }
  for (const operation of patch) {
    const name = Object.values(annotations).find(
      (each) => operation.path === jsonPointer('metadata', 'annotations', each),
    )
    if (name === undefined) continue
    if (operation.op === 'remove') delete after[name]
    else if (operation.op !== 'test') after[name] = String(operation.value)
  }
  return after
}
