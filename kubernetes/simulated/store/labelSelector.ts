import { ClusterError } from '../../cluster.ts'
import type { StoredObject } from './storedObject.ts'

export type Matches = (object: StoredObject) => boolean

const REQUIREMENT = /^(!?)\s*([A-Za-z0-9._/-]+)\s*(?:(==?|!=)\s*([A-Za-z0-9._-]*))?$/

/** Equality-based label selectors: `a=b`, `a!=b`, `a` (exists), `!a`, joined by commas. */
export function labelSelector(text: string | undefined): Matches {
  if (text === undefined || text.trim() === '') return () => true
  const requirements = text.split(',').map((part) => requirement(part.trim()))
  return (object) => requirements.every((matches) => matches(object.metadata.labels ?? {}))
}

function requirement(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const [, negated, key, operator, value = ''] = REQUIREMENT.exec(text) ?? []
  if (key === undefined || (negated !== '' && operator !== undefined)) {
    throw new ClusterError('BAD_REQUEST', `unable to parse requirement "${text}" of a label selector`, { status: 400 })
  }
  if (operator === undefined) return (labels) => Object.hasOwn(labels, key) === (negated === '')
  return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value
}
