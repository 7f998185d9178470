import { createHash } from 'node:crypto'

/** Lines shown of what came before a failure. */
const SHOWN = 60

/** Everything that happened, as a hash of all of it and the last lines of it. */
export class Trace {
  readonly #hash = createHash('sha256')
  readonly #all: string[] | null
  #last: string[] = []
  #lines = 0

  /** @param isKept whether all lines are kept, which takes memory */
  constructor(isKept: boolean) {
    this.#all = isKept ? [] : null
  }

  note(atMs: number, line: string): void {
    const text = `${(atMs / 1_000).toFixed(3)} ${line}`
    this.#hash.update(text).update('\n')
    this.#lines += 1
    this.#all?.push(text)
    this.#last.push(text)
    if (this.#last.length > 2 * SHOWN) this.#last = this.#last.slice(-SHOWN)
  }

  get lines(): number {
    return this.#lines
  }

  get last(): readonly string[] {
    return this.#last.slice(-SHOWN)
  }

  get all(): readonly string[] {
    return this.#all ?? []
  }

  /** Of everything so far: two runs with the same hash were the same. */
  get hash(): string {
    return this.#hash.copy().digest('hex')
  }
}
