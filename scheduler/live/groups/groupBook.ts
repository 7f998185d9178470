import { annotations } from '../../../kubernetes/names.ts'
import { Group } from './group.ts'
import type { GroupPod } from './groupPod.ts'
import type { GroupRecord } from './groupRecord.ts'

/** Groups that are remembered while they have no pods. */
const MAX_KEPT = 1_000

/** Remembers of groups whose pods were all deleted, since they went back to the queue, how long they wait and since when. */
export class GroupBook {
  /** The longest known first. */
  readonly #kept = new Map<string, GroupRecord>()

  open(pod: GroupPod): Group {
    const record = this.#kept.get(pod.uid) ?? null
    this.#kept.delete(pod.uid)
    return new Group(pod, record)
  }

  close({ uid, record }: Group): void {
    const isBack = record !== null && annotations.requeue in record.told && !(annotations.assignment in record.told)
    if (!isBack) return
    this.#kept.set(uid, record)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest)
  }
}
