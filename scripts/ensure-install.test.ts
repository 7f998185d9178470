import { readFileSync } from 'node:fs'
import { assert, test } from 'vitest'

test('every npm script first makes sure that the packages are installed', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const names = Object.keys(scripts)
  const own = names.filter((name) => !(name.startsWith('pre') && names.includes(name.slice('pre'.length))))
  const unhooked = own.filter((name) => scripts[`pre${name}`] !== 'node scripts/ensure-install.mjs')
  assert.deepEqual(unhooked, [])
  assert.isAbove(own.length, 5)
})
