import { expect, test } from 'vitest'
import { jsonLines } from './jsonLines.ts'

const values = [{ name: 'naïve' }, { name: '日本' }, { name: 'x'.repeat(100) }]
const whole = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''))

test('reads the same values however the bytes are cut, inside a character too', async () => {
  for (let size = 1; size <= whole.length; size++) expect(await read(cut(whole, size))).toEqual(values)
})

test('drops an unfinished last line', async () => {
  expect(await read(cut(whole.subarray(0, whole.length - 3), 7))).toEqual(values.slice(0, 2))
})

test('nothing is nothing', async () => {
  expect(await read(cut(Buffer.alloc(0), 1))).toEqual([])
})

async function read(chunks: AsyncIterable<Buffer>): Promise<unknown[]> {
  return Array.fromAsync(jsonLines(chunks))
}

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}
