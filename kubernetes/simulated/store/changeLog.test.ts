import fc from 'fast-check'
import { assert, expect, test } from 'vitest'
import { type Change, ChangeLog } from './changeLog.ts'

const change = (version: number): Change => ({
  type: 'MODIFIED',
  object: { metadata: { name: 'x', resourceVersion: String(version) } },
  previous: undefined,
  version,
})

test('whatever versions are written, a position after any of them leads through exactly the later ones, or is refused', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      (gaps, limit) => {
        const log = new ChangeLog(limit, 100)
        const versions: number[] = []
        for (const gap of gaps) versions.push((versions.at(-1) ?? 100) + gap)
        for (const version of versions) log.append(change(version))
        log.reveal()
        for (let from = 100; from <= (versions.at(-1) ?? 100); from++) {
          const later = versions.filter((version) => version > from)
          const position = log.positionAfter(from)
          if (position === null) {
            assert.isAbove(later.length, limit, 'refused although few enough to be kept')
            continue
          }
          const read: number[] = []
          for (let at = position; at < log.visibleEnd; at++) read.push(log.at(at)?.version as number)
          expect(read).toEqual(later)
        }
      },
    ),
  )
})

test('what is not revealed yet lies beyond the visible end', () => {
  const log = new ChangeLog(10, 100)
  log.append(change(101))
  assert.equal(log.visibleEnd, log.positionAfter(100))
  assert.isTrue(log.reveal())
  assert.isFalse(log.reveal())
})

test('a version from before the log is refused', () => {
  assert.isNull(new ChangeLog(10, 100).positionAfter(99))
})
