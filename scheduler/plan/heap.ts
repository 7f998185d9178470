/** A binary heap: the smallest by `compare` comes out first. */
export class Heap<T> {
  readonly #items: T[] = []
  readonly #compare: (a: T, b: T) => number

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  /** Takes out everything, in no order. */
  clear(): T[] {
    return this.#items.splice(0)
  }

  push(item: T): void {
    const items = this.#items
    let child = items.push(item) - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (this.#compare(item, items[parent] as T) >= 0) break
      items[child] = items[parent] as T
      child = parent
    }
    items[child] = item
  }

  pop(): T | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (last === undefined || items.length === 0) return top
    let parent = 0
    for (;;) {
      const left = 2 * parent + 1
      if (left >= items.length) break
      const right = left + 1
      const child = right < items.length && this.#compare(items[right] as T, items[left] as T) < 0 ? right : left
      if (this.#compare(last, items[child] as T) <= 0) break
      items[parent] = items[child] as T
      parent = child
    }
    items[parent] = last
    return top
  }
}
