import { assert, expect, test } from 'vitest'
import { frame, readFrames } from './frames.ts'

const contents = [[{ a: 1 }], ['zwölf', null], { deep: { list: [1, 2] } }]
const bytes = Buffer.concat(contents.map(frame))

test('reads what it has written', () => {
  expect(readFrames(bytes, 'x')).toEqual({ contents, endsAt: bytes.length })
  expect(readFrames(Buffer.alloc(0), 'x')).toEqual({ contents: [], endsAt: 0 })
})

test('cut anywhere, it reads the whole frames before the cut', () => {
  const ends = contents.map((_, index) => Buffer.concat(contents.slice(0, index + 1).map(frame)).length)
  for (let length = 0; length < bytes.length; length++) {
    const whole = ends.filter((end) => end <= length)
    const read = readFrames(bytes.subarray(0, length), 'x')
    assert.equal(read.contents.length, whole.length)
    assert.equal(read.endsAt, whole.at(-1) ?? 0)
  }
})

test('a byte that changed before the last frame is damage, and says where', () => {
  const damaged = Buffer.from(bytes)
  damaged[12] = (damaged[12] as number) ^ 1
  expect(() => readFrames(damaged, 'the-file')).toThrow('the-file is damaged at byte 0')
})
