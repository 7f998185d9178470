import { globSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { importsOf } from './imports.ts'

/** Which rooms a room may import, itself aside. Arrows point one way. */
const ARROWS: Record<string, readonly string[]> = {
  bin: ['gateway', 'subgraphs', 'agent', 'scheduler', 'kubernetes', 'platform'],
  // Subgraphs are handed to the gateway: it knows none of them.
  gateway: ['platform'],
  subgraphs: ['scheduler', 'kubernetes', 'platform'],
  agent: ['scheduler', 'kubernetes', 'platform'],
  // scheduler/live works on the cluster's port; the cluster knows of no scheduler.
  scheduler: ['kubernetes', 'platform'],
  kubernetes: ['platform'],
  dashboards: ['platform'],
  deploy: ['kubernetes', 'platform'],
  platform: [],
}

/** These hold nothing that the program runs, and may import anything. */
const OUTSIDE = ['test', 'bench', 'scripts']

/** `plan` is pure: it may assert, and knows nothing but the model. */
const PLAN = 'scheduler/plan/'
const PLAN_MAY_IMPORT = [PLAN, 'scheduler/model/']
const PLAN_MAY_USE = ['node:assert', 'node:assert/strict']

/** A line per wrong import. Type imports count: they too tie one room to another. */
export async function checkBoundaries(root: string): Promise<string[]> {
  const paths = globSync('*/**/*.ts', { cwd: root, exclude: ['**/node_modules/**', '.*/**'] })
  return paths.sort().flatMap((path) => {
    if (mayImportAnything(path)) return []
    return importsOf(readFileSync(join(root, path), 'utf8')).flatMap(({ line, specifier }) => {
      const reason = whyNot(path, specifier)
      return reason === null ? [] : [`${path}:${line}: ${reason}`]
    })
  })
}

/** Tests, and what only tests use: a `testkit` beside them. */
function mayImportAnything(path: string): boolean {
  return OUTSIDE.includes(roomOf(path)) || path.endsWith('.test.ts') || /\/testkit(\/|\.ts$)/.test(path)
}

/** @returns null for an import that is right */
function whyNot(path: string, specifier: string | null): string | null {
  if (specifier === null) return 'import() of a computed path: nobody can check where it leads'
  if (!specifier.startsWith('.')) return whyNotPackage(path, specifier)
  const target = normalize(join(path, '..', specifier))
  return path.startsWith(PLAN) ? whyNotFromPlan(target) : whyNotRoom(path, target)
}

function whyNotPackage(path: string, specifier: string): string | null {
  if (!path.startsWith(PLAN) || PLAN_MAY_USE.includes(specifier)) return null
  return `scheduler/plan imports only scheduler/model, not ${specifier}`
}

function whyNotFromPlan(target: string): string | null {
  return PLAN_MAY_IMPORT.some((folder) => target.startsWith(folder))
    ? null
    : `scheduler/plan imports only scheduler/model, not ${target}`
}

function whyNotRoom(path: string, target: string): string | null {
  const [from, to] = [roomOf(path), roomOf(target)]
  const allowed = ARROWS[from]
  if (allowed === undefined) return `${from}/ is not in the table of rooms (scripts/check/boundaries.ts)`
  if (from === 'subgraphs' && to === 'subgraphs') {
    return subgraphOf(path) === subgraphOf(target) ? null : `subgraphs never import one another: ${target}`
  }
  return from === to || allowed.includes(to) ? null : `${from} may not import ${target}`
}

const roomOf = (path: string) => path.split('/')[0] ?? ''
const subgraphOf = (path: string) => path.split('/')[1]
