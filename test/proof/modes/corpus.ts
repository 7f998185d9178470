import { seeded } from '../../testkit/seeded.ts'
import { OPERATIONS, type Variables } from './operations.ts'

/** Who asks. `nobody` brings no token, `expired` one of yesterday, `agent` one that opens the link alone. */
export const CALLERS = [
  'operator',
  'tenant-admin',
  'developer',
  'viewer',
  'stranger',
  'nobody',
  'expired',
  'agent',
] as const
export type Caller = (typeof CALLERS)[number]

/** One operation of the corpus. Values such as `$job` stand for ids, which each control plane gives anew. */
export interface CorpusOperation {
  name: string
  as: Caller
  query: string
  variables: Variables
  /** Of a subscription: so many results are read. */
  take?: number
}

const SEED = 20_261_125

/** The operations written by hand, each followed by variations of itself, up to `size`. */
export function corpus(size: number): CorpusOperation[] {
  const random = seeded(SEED)
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const written = OPERATIONS.map(({ as = 'developer', ...operation }) => ({ as, ...operation }))
  const varied: CorpusOperation[] = []
  for (let round = 1; written.length + varied.length < size; round += 1) {
    const base = pick(written)
    const [name, vary] = pick(Object.entries(VARIATIONS))
    const operation = { ...vary(base, pick), name: `${round}: ${base.name}, ${name}` }
    if (!isSilent(operation)) varied.push(operation)
  }
  return [...written, ...varied].slice(0, size)
}

/** A stream of what happens from now on says nothing, since nothing happens. */
function isSilent({ take, variables }: CorpusOperation): boolean {
  return take !== undefined && (variables.after === undefined || variables.after === null)
}

type Pick = <T>(values: readonly T[]) => T
const BAD_IDS = ['nonsense', 'job_\0', '', 'x'.repeat(300), '$foreignJob', '$unknownJob', null, 7, ['a'], { a: 1 }]
const BAD_PAGES = [-1, 0, 1, 200, 201, 2 ** 40, 'x', null, 1.5]
const BAD_CURSORS = ['', 'nonsense', 'YWZ0ZXI6', '\0', null, 3]

const VARIATIONS: Record<string, (base: CorpusOperation, pick: Pick) => CorpusOperation> = {
  'by another caller': (base, pick) => ({ ...base, as: pick(CALLERS) }),
  'without its variables': (base) => ({ ...base, variables: {} }),
  'with a value that is wrong': (base, pick) => ({ ...base, variables: oneReplaced(base.variables, pick) }),
  'with a field that is not there': (base) => ({ ...base, query: base.query.replace(/\}\s*$/, ' nothing }') }),
  'with the type of its answer': (base) => ({ ...base, query: base.query.replace(/\{/, '{ __typename ') }),
  'cut off': (base, pick) => ({
    ...base,
    query: base.query.slice(0, Math.floor(base.query.length * pick([0, 0.3, 0.6, 0.95]))),
  }),
  'as one of two': (base) => ({ ...base, query: `${base.query} query Other { viewer { kind } }` }),
}

/** Which of the bad values fits depends on what the variable is for. */
function oneReplaced(variables: Variables, pick: Pick): Variables {
  const names = Object.keys(variables)
  if (names.length === 0) return { id: 'not declared' }
  const name = pick(names)
  if (name === 'first') return { ...variables, first: pick(BAD_PAGES) }
  if (name === 'after') return { ...variables, after: pick(BAD_CURSORS) }
  if (name !== 'input') return { ...variables, [name]: pick(BAD_IDS) }
  const input = variables.input as Variables
  const field = pick(Object.keys(input))
  return { ...variables, input: { ...input, [field]: pick([...BAD_IDS, ...BAD_PAGES]) } }
}
