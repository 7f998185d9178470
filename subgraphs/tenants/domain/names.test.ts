import { describe, expect, test } from 'vitest'
import { nameErrors, namespaceOf, projectSlugErrors, tenantSlugErrors } from './names.ts'

const codes = (errors: { code: string }[]) => errors.map(({ code }) => code)

describe("a tenant's slug", () => {
  const cases: Record<string, { slug: string; fits: boolean }> = {
    'two characters are enough': { slug: 'ab', fits: true },
    'twenty are not too many': { slug: 'a'.repeat(20), fits: true },
    'digits may follow a letter': { slug: 'a1', fits: true },
    'one character is too short': { slug: 'a', fits: false },
    'twenty-one are too long': { slug: 'a'.repeat(21), fits: false },
    'a digit cannot come first': { slug: '1a', fits: false },
    'capitals are refused': { slug: 'Acme', fits: false },
    "'-' is refused: it parts tenant from project in a namespace": { slug: 'ac-me', fits: false },
    'a line break at the end is seen': { slug: 'acme\n', fits: false },
    'nothing is refused': { slug: '', fits: false },
  }
  for (const [name, { slug, fits }] of Object.entries(cases)) {
    test(name, () => expect(codes(tenantSlugErrors(slug))).toEqual(fits ? [] : ['SLUG_INVALID']))
  }
})

describe("a project's slug", () => {
  const cases: Record<string, { slug: string; fits: boolean }> = {
    'two characters are enough': { slug: 'ab', fits: true },
    'thirty are not too many': { slug: 'a'.repeat(30), fits: true },
    "'-' within": { slug: 'large-models-2', fits: true },
    'thirty-one are too long': { slug: 'a'.repeat(31), fits: false },
    'one character is too short': { slug: 'a', fits: false },
    "'-' at the end is no Kubernetes name": { slug: 'research-', fits: false },
    "'-' at the start": { slug: '-research', fits: false },
    'a dot': { slug: 're.search', fits: false },
  }
  for (const [name, { slug, fits }] of Object.entries(cases)) {
    test(name, () => expect(codes(projectSlugErrors(slug))).toEqual(fits ? [] : ['SLUG_INVALID']))
  }
})

test('the longest slugs still make a Kubernetes name', () => {
  expect(namespaceOf('a'.repeat(20), 'b'.repeat(30)).length).toBeLessThanOrEqual(63)
})

describe('a name for people', () => {
  const cases: Record<string, { name: string; fits: boolean }> = {
    'any script': { name: 'Исследования 研究', fits: true },
    'a hundred characters, of two code units each': { name: '😀'.repeat(100), fits: true },
    'a hundred and one': { name: 'a'.repeat(101), fits: false },
    'only spaces': { name: '   ', fits: false },
    'a NUL': { name: 'a\0b', fits: false },
    'half a character': { name: 'a\ud800', fits: false },
  }
  for (const [title, { name, fits }] of Object.entries(cases)) {
    test(`${title}: ${fits ? 'taken' : 'refused'}`, () =>
      expect(codes(nameErrors(name))).toEqual(fits ? [] : ['NAME_INVALID']))
  }
})
