import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import type { DomainClock } from './clock.ts'

/**
 * Discrete-event time shared by processes: the first eight bytes of a file are now. One process moves it
 * on, all others read it anew at each question, so that none has to be told and none, started again, is behind.
 */
export interface ClockFile extends Pick<DomainClock, 'nowMs'> {
  moveTo(ms: number): void
  close(): void
}

export function createClockFile(path: string, startMs: number): ClockFile {
  const file = openSync(path, 'w')
  let latestMs = startMs
  const moveTo = (ms: number) => {
    if (ms < latestMs) throw new RangeError(`domain time cannot go back from ${latestMs} to ${ms}`)
    latestMs = ms
    const bytes = Buffer.alloc(Float64Array.BYTES_PER_ELEMENT)
    bytes.writeDoubleLE(ms)
    writeSync(file, bytes, 0, bytes.length, 0)
  }
  moveTo(startMs)
  return { nowMs: () => latestMs, moveTo, close: () => closeSync(file) }
}

/**
 * The clock of whoever has no timers of domain time, as the control plane. The file stays open with the process.
 * @throws Error of the file system where there is no such file
 */
export function readClockFile(path: string): Pick<DomainClock, 'nowMs'> {
  const file = openSync(path, 'r')
  const bytes = Buffer.alloc(Float64Array.BYTES_PER_ELEMENT)
  return {
    nowMs() {
      if (readSync(file, bytes, 0, bytes.length, 0) < bytes.length) throw new Error(`${path} holds no time`)
      return bytes.readDoubleLE()
    },
  }
}
