import { strict as assert } from 'node:assert'

interface Timer {
  atMs: number
  /** Timers of one instant run in the order they were set. */
  order: number
  run: (() => void) | null
}

export interface TimerHeap {
  /** @returns cancels the timer; cancelling twice, or after it ran, is harmless */
  add(atMs: number, run: () => void): () => void
  firstMs(): number | null
  /** Removes the first timer and returns what it runs. */
  takeFirst(): () => void
}

/** Timers ordered by time. A cancelled timer stays as an empty entry until it comes to the top. */
export function timerHeap(): TimerHeap {
  const heap: Timer[] = []
  let orders = 0

  function add(atMs: number, run: () => void): () => void {
    const timer: Timer = { atMs, order: orders++, run }
    heap.push(timer)
    siftUp(heap, heap.length - 1)
    return () => {
      timer.run = null
    }
  }

  function firstMs(): number | null {
    while (heap[0] && heap[0].run === null) removeTop(heap)
    return heap[0]?.atMs ?? null
  }

  function takeFirst(): () => void {
    assert(firstMs() !== null, 'no timer is left')
    const run = removeTop(heap).run
    assert(run)
    return run
  }

  return { add, firstMs, takeFirst }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}

function removeTop(heap: Timer[]): Timer {
  const top = heap[0]
  const last = heap.pop()
  assert(top && last)
  if (heap.length > 0) {
    heap[0] = last
    siftDown(heap, 0)
  }
  return top
}

function siftUp(heap: Timer[], from: number): void {
  let index = from
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!isBefore(timerAt(heap, index), timerAt(heap, parent))) return
    swap(heap, index, parent)
    index = parent
  }
}

function siftDown(heap: Timer[], from: number): void {
  let index = from
  for (;;) {
    const left = 2 * index + 1
    let first = index
    for (const child of [left, left + 1]) {
      if (child < heap.length && isBefore(timerAt(heap, child), timerAt(heap, first))) first = child
    }
    if (first === index) return
    swap(heap, index, first)
    index = first
  }
}

/** Callers stay below heap.length. */
function timerAt(heap: Timer[], index: number): Timer {
  return heap[index] as Timer
}

function swap(heap: Timer[], a: number, b: number): void {
  const held = timerAt(heap, a)
  heap[a] = timerAt(heap, b)
  heap[b] = held
}
