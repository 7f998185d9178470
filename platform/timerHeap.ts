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
  let at = from
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(heap[at]!, heap[parent]!)) return
    swap(heap, at, parent)
    at = parent
  }
}

function siftDown(heap: Timer[], from: number): void {
  let at = from
  for (;;) {
    const left = 2 * at + 1
    const right = left + 1
    let first = at
    if (left < heap.length && isBefore(heap[left]!, heap[first]!)) first = left
    if (right < heap.length && isBefore(heap[right]!, heap[first]!)) first = right
    if (first === at) return
    swap(heap, at, first)
    at = first
  }
}

function swap(heap: Timer[], a: number, b: number): void {
  const held = heap[a]!
  heap[a] = heap[b]!
  heap[b] = held
}
