import { describe, expect, test } from 'vitest'
import { nestsDeeper } from './nesting.ts'

describe('a text nests', () => {
  const cases: Record<string, { text: string; want: boolean }> = {
    'as deep as allowed': { text: '[{[]}]', want: false },
    'deeper in lists': { text: '[[[[1]]]]', want: true },
    'deeper in objects, without ever closing': { text: '{"a":{"b":{"c":{', want: true },
    'no deeper by what comes one after the other': { text: '[[]],[[]],[[]],[[]]', want: false },
    'no deeper by what stands in a string': { text: '["[[[[[[", "\\"[[[[[["]', want: false },
    'no deeper by what stands in a block string': { text: '{ a(b: """[[[ \\""" [[[""") }', want: false },
    'deeper after a string': { text: '["x", [[[[', want: true },
  }
  for (const [name, { text, want }] of Object.entries(cases)) {
    test(name, () => expect(nestsDeeper(text, 3)).toBe(want))
  }
})
