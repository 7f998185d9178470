export interface Import {
  line: number
  /** null where it is computed, so that nobody can tell what it loads. */
  specifier: string | null
}

/**
 * Every way in which TypeScript source names another module: import and export statements, with or
 * without `type`, import() as a call or as a type, require(), and the URL of a worker's file.
 * Reads text, not syntax: what looks like an import inside a string counts too, which errs on the safe side.
 */
export function importsOf(source: string): Import[] {
  const code = source.replace(COMMENT_LINE, '')
  const found = PATTERNS.flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => ({
      line: code.slice(0, match.index + match[0].search(/\S/)).split('\n').length,
      specifier: match.groups?.specifier ?? null,
    })),
  )
  return found.sort((one, other) => one.line - other.line)
}

const COMMENT_LINE = /^[ \t]*(?:\/\/|\*).*$/gm
const LITERAL = /(?<quote>['"`])(?<specifier>[^'"`$\n]+)\k<quote>/.source
const COMMENT = /\/\/[^\n]*\n|\/\*[\s\S]*?\*\//.source

const PATTERNS = [
  // import a, { type b } from 'x' · export * from 'x'
  new RegExp(`^\\s*(?:import|export)\\b(?:[\\w$*,{}\\s]|${COMMENT})*?\\bfrom\\s*${LITERAL}`, 'gm'),
  // import 'x'
  new RegExp(`^\\s*import\\s*${LITERAL}`, 'gm'),
  // import('x') · require('x')
  new RegExp(`\\b(?:import|require)\\(\\s*(?:(?:${COMMENT})\\s*)*${LITERAL}\\s*[,)]`, 'g'),
  // new URL('./worker.ts', import.meta.url)
  /new URL\(\s*(?<quote>['"`])(?<specifier>[^'"`$\n]+\.ts)\k<quote>/g,
  // import(path)
  new RegExp(`\\bimport\\((?!\\s*(?:(?:${COMMENT})\\s*)*${LITERAL}\\s*[,)])`, 'g'),
]
