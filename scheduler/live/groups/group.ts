import type { JsonPatch, Ref } from '../../../kubernetes/cluster.ts'
import { annotations, DEFAULT_QUEUE, labels } from '../../../kubernetes/names.ts'
import type { Job, Pod } from '../../../kubernetes/objects.ts'
import { toSecondsTimestamp } from '../../../platform/clock.ts'
import type { PendingReason } from '../../model/pending.ts'
import type { ReadPod } from '../readPod.ts'
import { type GroupPod, templateOf } from './groupPod.ts'
import { type GroupRecord, recordPatch, toldAfter } from './groupRecord.ts'
import { whyNotWhole } from './whyNotWhole.ts'

/** A pod of a group, which says so. */
export type Member = ReadPod & { readonly group: GroupPod }

/**
 * Pods that some other controller makes, or nobody, and that belong together by a label: to all who decide they are the
 * pods of one Job, which is made up here from what they say. What is decided on it is written on one of them.
 *
 * It is a function of its pods, beside what is remembered of pods that are gone: the newest record, whether any had run
 * under it, and which slots are done.
 */
export class Group {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  #record: GroupRecord | null
  /** Why it cannot be given places as its pods are; null: it can, or has them. */
  trouble: PendingReason | null = null
  #told: GroupRecord['told'] = {}
  #since = ''
  /** Whose request is the group's: the first pod's, as it was when places were given. */
  #first: Member | null = null
  #generation = 0
  #saidBefore = ''
  /** Newest turn in which a pod of it was bound. */
  #ranIn = 0
  /** Slots of the present turn whose pods have succeeded. */
  #done: ReadonlySet<number> = new Set()

  /** @param record what is remembered of it */
  constructor({ uid, name, object }: GroupPod, record: GroupRecord | null) {
    this.uid = uid
    this.namespace = object.metadata.namespace ?? ''
    this.name = name
    this.#record = record
  }

  /** What was decided on it last; null: nothing yet. */
  get record(): GroupRecord | null {
    return this.#record
  }

  get turn(): number {
    return this.#record?.turn ?? 0
  }

  /** The Job that its pods come to; null: there are none. */
  jobOf(pods: ReadonlyMap<string, ReadPod>): Job | null {
    const members = membersOf(pods)
    const [anyone] = members
    if (anyone === undefined) return null
    for (const { group } of members) this.#learn(group.record)
    const isLive = this.#isLive(members)
    const candidates = members.filter(({ isCandidate }) => isCandidate)
    this.#resume(isLive, candidates.length > 0 ? candidates : members)
    if (!isLive || this.#first === null)
      this.#first = candidates[0] ?? members.find(({ hasEnded }) => !hasEnded) ?? anyone
    this.trouble = isLive || candidates.length === 0 ? null : whyNotWhole(this.name, candidates)
    return this.#made(this.#first, isLive, isLive || candidates.length > 0)
  }

  /** Whether the pod asks for what the group's places were given for: one that was made anew may not. */
  fits({ group }: ReadPod): boolean {
    return group?.asks === this.#first?.group.asks
  }

  /** Whether what stands on its pods is less than is known of it, and there is a pod that it could stand on. */
  isBehind(pods: ReadonlyMap<string, ReadPod>): boolean {
    const members = membersOf(pods)
    const staying = members.filter(stays)
    if (this.#record === null || staying.length === 0) return false
    const written = new Set([...this.#record.done, ...doneSlots(members, this.turn)])
    return !staying.some((member) => this.#isBearer(member)) || !this.#done.isSubsetOf(written)
  }

  /**
   * A patch that was made for the Job, as one of the pod that bears the record.
   * @param epoch the present one; absent: the patch says it
   */
  write(
    pods: ReadonlyMap<string, ReadPod>,
    patch: JsonPatch,
    epoch?: string,
  ): { ref: Ref; pod: Pod; patch: JsonPatch } {
    const { object: pod } = this.#bearer(membersOf(pods)).group
    const told = toldAfter(this.#told, patch)
    const isAnother = annotations.assignment in told && !(annotations.assignment in this.#told)
    const turn = this.turn + (isAnother ? 1 : 0)
    const done = isAnother ? [] : [...this.#done].sort((a, b) => a - b)
    const record = { version: (this.#record?.version ?? 0) + 1, turn, done, since: this.#since, told }
    const { namespace = '', name = '' } = pod.metadata
    return { ref: { namespace, name }, pod, patch: recordPatch(pod, record, epoch ?? told[annotations.epoch] ?? '') }
  }

  #learn(record: GroupRecord | null): void {
    if (record === null || record.version <= (this.#record?.version ?? 0)) return
    const isSameTurn = record.turn === this.turn
    this.#done = new Set([...record.done, ...(isSameTurn ? this.#done : [])])
    this.#record = record
  }

  /**
   * Whether it has places: from the admission until nothing of it runs any more. Then its turn is over, whether it is
   * done or not: who makes all its pods anew makes another one.
   */
  #isLive(members: readonly Member[]): boolean {
    if (this.#record === null || !(annotations.assignment in this.#record.told)) return false
    const { turn } = this.#record
    const bound = members.filter(({ node, group }) => node !== null && group.turn === turn)
    if (bound.length > 0) this.#ranIn = turn
    this.#done = this.#done.union(doneSlots(members, turn))
    return this.#ranIn !== turn || bound.some(({ hasEnded }) => !hasEnded)
  }

  /** Goes on with the turn that the record tells of, or begins another. */
  #resume(isLive: boolean, pods: readonly Member[]): void {
    const told = this.#record?.told ?? {}
    const isOver = !isLive && told[annotations.assignment] !== undefined
    const madeMs = Math.min(...pods.map(({ createdMs }) => createdMs))
    this.#told = isOver ? {} : told
    this.#since = (isOver ? undefined : this.#record?.since) ?? toSecondsTimestamp(madeMs)
  }

  #made({ group: { size, asks, object } }: Member, isLive: boolean, isWanted: boolean): Job {
    const { labels: said = {}, annotations: told = {} } = object.metadata
    const saidNow = JSON.stringify([asks, said, size, this.trouble])
    if (saidNow !== this.#saidBefore) this.#generation += 1
    this.#saidBefore = saidNow
    const own = {
      [annotations.class]: told[annotations.class],
      [annotations.preemptible]: told[annotations.preemptible],
    }
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        uid: this.uid,
        namespace: this.namespace,
        name: this.name,
        generation: this.#generation,
        creationTimestamp: this.#since,
        labels: { [labels.queue]: said[labels.queue] ?? DEFAULT_QUEUE },
        annotations: { ...defined(own), ...this.#told },
      },
      spec: {
        suspend: !isLive,
        completionMode: 'NonIndexed',
        completions: size ?? 1,
        parallelism: size ?? 1,
        template: templateOf(object),
      },
      status: {
        succeeded: isLive ? this.#done.size : 0,
        completedIndexes: isLive ? [...this.#done].join(',') : '',
        ...(!isWanted && { conditions: [{ type: 'Complete', status: 'True' }] }),
      },
    }
  }

  #isBearer({ group }: Member): boolean {
    return group.record !== null && group.record.version === this.#record?.version
  }

  /** Where the record stands, or else a pod that runs, or else the first: what was not bound yet may never be. */
  #bearer(members: readonly Member[]): Member {
    const staying = members.filter(stays)
    const present = staying.find((member) => this.#isBearer(member))
    const bearer = present ?? staying.find(({ node }) => node !== null) ?? staying[0] ?? members[0]
    if (bearer === undefined) throw new Error('a group of which something is written has pods')
    return bearer
  }
}

function membersOf(pods: ReadonlyMap<string, ReadPod>): Member[] {
  const members = [...pods.values()].filter((pod): pod is Member => pod.group !== null)
  return members.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Slots of pods that were bound in that turn and have succeeded. */
function doneSlots(members: readonly Member[], turn: number): Set<number> {
  const done = members.filter(({ group, hasSucceeded }) => group.turn === turn && hasSucceeded)
  return new Set(done.flatMap(({ slot }) => slot ?? []))
}

function stays({ hasEnded, group }: Member): boolean {
  return !hasEnded && !group.isLeaving
}

function defined(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
