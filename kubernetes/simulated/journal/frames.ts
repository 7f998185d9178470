import { crc32 } from 'node:zlib'

const NEWLINE = 0x0a
const CHECKSUM_LENGTH = 8

/** A frame is a line: checksum, space, JSON. What is in one frame is kept or lost together. */
export function frame(content: unknown): Buffer {
  const json = JSON.stringify(content)
  return Buffer.from(`${crc32(json).toString(16).padStart(CHECKSUM_LENGTH, '0')} ${json}\n`)
}

export interface Frames {
  contents: unknown[]
  /** Where the whole frames end. Behind it stands at most the beginning of one that a crash cut off. */
  endsAt: number
}

/** @throws Error where something is wrong before the end: that is no crash, but a damaged file */
export function readFrames(bytes: Buffer, fileName: string): Frames {
  const contents: unknown[] = []
  let endsAt = 0
  while (endsAt < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, endsAt)
    const content = newline === -1 ? undefined : parse(bytes.subarray(endsAt, newline))
    if (content === undefined) {
      // A write that was cut off has nothing whole behind it.
      if (newline !== -1 && hasWholeFrame(bytes, newline + 1))
        throw new Error(`${fileName} is damaged at byte ${endsAt}`)
      break
    }
    contents.push(content)
    endsAt = newline + 1
  }
  return { contents, endsAt }
}

function hasWholeFrame(bytes: Buffer, from: number): boolean {
  for (let start = from; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start)
    if (newline === -1) return false
    if (parse(bytes.subarray(start, newline)) !== undefined) return true
    start = newline + 1
  }
  return false
}

/** undefined where the line is no whole frame. */
function parse(line: Buffer): unknown {
  const json = line.subarray(CHECKSUM_LENGTH + 1)
  if (json.length === 0) return undefined
  const checksum = crc32(json).toString(16).padStart(CHECKSUM_LENGTH, '0')
  return line.toString('latin1', 0, CHECKSUM_LENGTH) === checksum ? JSON.parse(json.toString()) : undefined
}
