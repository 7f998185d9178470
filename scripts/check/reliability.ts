import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const PAGE = 'docs/guide/reliability.md'
const NUMBERS = Array.from({ length: 24 }, (_, index) => `R${String(index + 1).padStart(2, '0')}`)
/** The line on which a test's name stands. */
const NAMED = /^\s*(?:test|describe)(?:\.\w+)?\(\s*[`'"](.*)$/gm

/** @returns what is wrong with the list of what the scheduler holds: each number has tests, and the page names their files */
export function checkReliability(root: string): string[] {
  const files = globSync('{agent,kubernetes,scheduler,test}/**/*.{test,proof}.ts', { cwd: root })
  const tests = files.map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(join(root, path), 'utf8'),
  }))
  return compareReliability(readFileSync(join(root, PAGE), 'utf8'), tests)
}

export function compareReliability(page: string, tests: readonly { path: string; text: string }[]): string[] {
  const problems: string[] = []
  const rows = new Map(
    [...page.matchAll(/^\| (R\d+) \|.*\| (.*) \|$/gm)].map(([, number, cell]) => [number, cell ?? '']),
  )
  for (const number of new Set([...NUMBERS, ...rows.keys()])) {
    const named = [...(rows.get(number) ?? '').matchAll(/`([^`]+)`/g)].map(([, path]) => path ?? '').toSorted()
    const found = tests.filter(({ text }) => isNamed(text, String(number))).map(({ path }) => path)
    if (found.length === 0) problems.push(`${number}: no test bears this number in its name`)
    else if (named.join() !== found.toSorted().join())
      problems.push(`${number}: ${PAGE} should name ${found.toSorted().join(', ')}`)
  }
  return problems
}

function isNamed(text: string, number: string): boolean {
  return [...text.matchAll(NAMED)].some(([, name]) => name?.includes(number))
}
