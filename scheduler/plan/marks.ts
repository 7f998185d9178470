import type { NodeState } from '../model/node.ts'
import { isSameMark, type PodMark } from '../model/podRules.ts'

interface Change {
  readonly at: number
  readonly row: number
  readonly mark: PodMark
  readonly sign: 1 | -1
}

/** What rules about pods see of those on each row: as the snapshot has it, and with what a plan has placed and lifted since. */
export class Marks {
  readonly #changes: Change[] = []
  readonly #byRow = new Map<number, Change[]>()
  /** Rows with pods that others may have to keep away from, by how many such pods. */
  readonly #carriers = new Map<number, number>()

  /** Whether any pod has a rule that others have to look at. */
  get hasCarriers(): boolean {
    return this.#carriers.size > 0
  }

  /** Whether a plan has placed or lifted any. */
  get hasChanges(): boolean {
    return this.#changes.length > 0
  }

  carriers(): Iterable<number> {
    return this.#carriers.keys()
  }

  on(row: number, { marks = [] }: NodeState): readonly PodMark[] {
    const changes = this.#byRow.get(row)
    if (changes === undefined || changes.length === 0) return marks
    const now = [...marks]
    for (const { mark, sign } of changes) {
      if (sign > 0) now.push(mark)
      else {
        const at = now.findIndex((each) => isSameMark(each, mark))
        if (at >= 0) now.splice(at, 1)
      }
    }
    return now
  }

  /** @param at where the plan's undo log stands */
  change(at: number, row: number, mark: PodMark, sign: 1 | -1): void {
    const change = { at, row, mark, sign }
    this.#changes.push(change)
    const ofRow = this.#byRow.get(row)
    if (ofRow === undefined) this.#byRow.set(row, [change])
    else ofRow.push(change)
    this.#count(row, mark, sign)
  }

  /** Forgets what was changed from that point of the undo log on. */
  undo(at: number): void {
    for (let last = this.#changes.at(-1); last !== undefined && last.at >= at; last = this.#changes.at(-1)) {
      this.#changes.pop()
      this.#byRow.get(last.row)?.pop()
      this.#count(last.row, last.mark, last.sign > 0 ? -1 : 1)
    }
  }

  /** The row's state is another. */
  load(row: number, before: NodeState | undefined, now: NodeState): void {
    if (before?.marks === undefined && now.marks === undefined) return
    for (const mark of before?.marks ?? []) this.#count(row, mark, -1)
    for (const mark of now.marks ?? []) this.#count(row, mark, 1)
  }

  forget(): void {
    this.#changes.length = 0
    this.#byRow.clear()
    this.#carriers.clear()
  }

  #count(row: number, { antiAffinity }: PodMark, sign: 1 | -1): void {
    if (antiAffinity.length === 0) return
    const carriers = (this.#carriers.get(row) ?? 0) + sign
    if (carriers > 0) this.#carriers.set(row, carriers)
    else this.#carriers.delete(row)
  }
}
