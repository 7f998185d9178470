import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from './entries.ts'
import { readFrames } from './frames.ts'
import { Restored, type SnapshotHead } from './restored.ts'

/** Files are numbered: journal N holds what came after snapshot N. Number 1 needs no snapshot. */
export function journalPath(dir: string, number: number): string {
  return join(dir, `journal-${String(number).padStart(8, '0')}.jsonl`)
}

export function snapshotPath(dir: string, number: number): string {
  return join(dir, `snapshot-${String(number).padStart(8, '0')}.jsonl`)
}

export interface OpenedFiles {
  restored: Restored
  /** Of the journal to go on with. */
  number: number
  /** Its length, and that of the snapshot before it. */
  journalBytes: number
  snapshotBytes: number
}

/**
 * Reads the newest snapshot and the journals since. The tail that a crash cut off is removed; nobody was
 * told of what it held.
 * @throws Error where a file is unreadable or damaged elsewhere
 */
export function openFiles(dir: string): OpenedFiles {
  mkdirSync(dir, { recursive: true })
  const names = readdirSync(dir)
  const first = Math.max(1, ...numbersOf(names, 'snapshot'))
  const journals = numbersOf(names, 'journal').filter((number) => number >= first)
  const number = Math.max(first, ...journals)
  const restored = new Restored()
  const snapshotBytes = numbersOf(names, 'snapshot').includes(first) ? readSnapshot(dir, first, restored) : 0
  let journalBytes = 0
  for (const journal of journals.sort((a, b) => a - b)) {
    journalBytes = readJournal(journalPath(dir, journal), restored, journal === number)
  }
  removeOthers(dir, names, first)
  return { restored, number, journalBytes, snapshotBytes }
}

/** Removes what a newer snapshot has made needless, and snapshots that were never finished. */
export function removeOthers(dir: string, names: string[], first: number): void {
  for (const name of names) {
    const number = numberOf(name)
    if (name.endsWith('.partial') || (number !== null && number < first)) rmSync(join(dir, name), { force: true })
  }
}

function readSnapshot(dir: string, number: number, restored: Restored): number {
  const path = snapshotPath(dir, number)
  const bytes = readFileSync(path)
  const { contents, endsAt } = readFrames(bytes, path)
  // It bears its final name only when it was written whole.
  if (endsAt !== bytes.length) throw new Error(`${path} is damaged at byte ${endsAt}`)
  const [head, ...batches] = contents as [SnapshotHead, ...Entry[][]]
  restored.begin(head)
  for (const entry of batches.flat()) restored.replay(entry)
  return bytes.length
}

function readJournal(path: string, restored: Restored, isLast: boolean): number {
  const bytes = readFileSync(path)
  const { contents, endsAt } = readFrames(bytes, path)
  if (endsAt !== bytes.length) {
    if (!isLast) throw new Error(`${path} is damaged at byte ${endsAt}`)
    truncateSync(path, endsAt)
  }
  for (const entry of (contents as Entry[][]).flat()) restored.replay(entry)
  return endsAt
}

function numbersOf(names: string[], prefix: 'journal' | 'snapshot'): number[] {
  return names.filter((name) => name.startsWith(prefix)).flatMap((name) => numberOf(name) ?? [])
}

function numberOf(name: string): number | null {
  const [, number] = /^(?:journal|snapshot)-(\d{8})\.jsonl$/.exec(name) ?? []
  return number === undefined ? null : Number(number)
}
