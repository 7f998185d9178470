import { assert, test } from 'vitest'
import { importsOf } from './imports.ts'

const cases: Record<string, { source: string; want: (string | null)[] }> = {
  'several lines, with a comment that holds a quote': {
    source: "import {\n  one, // it's first\n  type two,\n} from './a.ts'",
    want: ['./a.ts'],
  },
  'types, namespaces, re-exports': {
    source:
      "import type { A } from './a.ts'\nimport * as b from './b.ts'\nexport * from './c.ts'\nexport { d } from './d.ts'",
    want: ['./a.ts', './b.ts', './c.ts', './d.ts'],
  },
  'a bare import, and one with double quotes': { source: 'import "./a.ts"\nimport \'b\'', want: ['./a.ts', 'b'] },
  'import() as a call and as a type': {
    source: "const a = await import('./a.ts')\nlet b: import('./b.ts').B",
    want: ['./a.ts', './b.ts'],
  },
  'the file of a worker': { source: "new Worker(new URL('./worker.ts', import.meta.url))", want: ['./worker.ts'] },
  'require()': { source: "const a = createRequire(here); require('./a.cjs')", want: ['./a.cjs'] },
  'a computed import()': { source: `await import(path)\nawait import(\`./\${name}.ts\`)`, want: [null, null] },
  'prose about imports': {
    source: "// import { a } from './a.ts'\n/**\n * import('./b.ts')\n */\nexport const imported = 1",
    want: [],
  },
  'an export without a source before an import': {
    source: "export { a }\nexport const from = 'x'\nimport { b } from './b.ts'",
    want: ['./b.ts'],
  },
}
for (const [name, { source, want }] of Object.entries(cases)) {
  test(name, () =>
    assert.deepEqual(
      importsOf(source).map(({ specifier }) => specifier),
      want,
    ),
  )
}

test('says on which line an import starts', () => {
  assert.deepEqual(importsOf("\n\nimport {\n  a,\n} from './a.ts'\n// b\nimport './b.ts'"), [
    { line: 3, specifier: './a.ts' },
    { line: 7, specifier: './b.ts' },
  ])
})
