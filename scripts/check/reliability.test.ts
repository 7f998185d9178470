import { join } from 'node:path'
import { assert, test } from 'vitest'
import { checkReliability, compareReliability } from './reliability.ts'

const numbers = Array.from({ length: 24 }, (_, index) => `R${String(index + 1).padStart(2, '0')}`)
const page = numbers.map((number) => `| ${number} | what | \`a.test.ts\` |`).join('\n')
const all = { path: 'a.test.ts', text: numbers.map((number) => `  test('holds (${number})', () => {})`).join('\n') }

test('every number of the list has tests, and the page names their files', () => {
  assert.deepEqual(compareReliability(page, [all]), [])
  assert.deepEqual(checkReliability(join(import.meta.dirname, '../..')), [])
})

test('a number that no test bears is told', () => {
  const text = all.text.replace('(R07)', '')
  assert.deepEqual(compareReliability(page, [{ ...all, text }]), ['R07: no test bears this number in its name'])
})

test('a file that the page does not name is told, and so is a comment that is no test', () => {
  const other = { path: 'b.test.ts', text: '  test(`also holds (R03)`, () => {})\n  // see R04' }
  assert.deepEqual(compareReliability(page, [all, other]), [
    'R03: docs/guide/reliability.md should name a.test.ts, b.test.ts',
  ])
})
