import type { StoredObject } from './storedObject.ts'

export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: StoredObject
  /** Version before the change; undefined for ADDED. */
  previous: StoredObject | undefined
  version: number
}

/**
 * The latest changes of one kind, oldest first. Watches read along it by position, so a slow watcher
 * costs no memory: what it has not read when the log drops it makes it list again.
 */
export class ChangeLog {
  readonly #limit: number
  #changes: Change[] = []
  /** Position of the first change that is still here. */
  #start = 0
  /** Version of the newest change that is not here any more. */
  #droppedThrough: number
  /** Changes before this position are committed, and may be told. */
  #visibleEnd = 0

  /** @param limit changes kept at least; at most twice as many */
  constructor(limit: number, version: number) {
    this.#limit = limit
    this.#droppedThrough = version
  }

  get visibleEnd(): number {
    return this.#visibleEnd
  }

  append(change: Change): void {
    this.#changes.push(change)
    if (this.#changes.length <= 2 * this.#limit) return
    const dropped = this.#changes.splice(0, this.#changes.length - this.#limit)
    this.#start += dropped.length
    this.#droppedThrough = dropped.at(-1)?.version ?? this.#droppedThrough
  }

  /** @returns whether there is something new to tell */
  reveal(): boolean {
    const end = this.#start + this.#changes.length
    const grew = end > this.#visibleEnd
    this.#visibleEnd = end
    return grew
  }

  /** Position of the first change after `version`; null where changes in between are gone. */
  positionAfter(version: number): number | null {
    if (version < this.#droppedThrough) return null
    let low = 0
    let high = this.#changes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#changes[middle] as Change).version <= version) low = middle + 1
      else high = middle
    }
    return this.#start + low
  }

  /** undefined where the change is dropped. */
  at(position: number): Change | undefined {
    return this.#changes[position - this.#start]
  }
}
