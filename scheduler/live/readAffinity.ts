import type { Pod } from '../../kubernetes/objects.ts'
import type { LabelRule, NodeAffinity, NodeTerm } from '../model/nodeAffinity.ts'

type Affinity = NonNullable<NonNullable<Pod['spec']>['affinity']>
type NodeSelectorTerm = NonNullable<
  NonNullable<Affinity['nodeAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>['nodeSelectorTerms'][number]
type Requirement = NonNullable<NodeSelectorTerm['matchExpressions']>[number]

const OPERATORS: ReadonlySet<string> = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'])
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

/** Undefined where it says nothing. Its fields must have passed unsupportedOfNodeAffinity. */
export function readNodeAffinity({ nodeAffinity }: Affinity): NodeAffinity | undefined {
  const required = nodeAffinity?.[REQUIRED]?.nodeSelectorTerms ?? null
  const preferred = nodeAffinity?.[PREFERRED] ?? []
  if (required === null && preferred.length === 0) return undefined
  return {
    required: required === null ? [] : [required.map(readNodeTerm)],
    preferred: preferred.map(({ weight, preference }) => ({ weight, term: readNodeTerm(preference) })),
  }
}

/** Path below the affinity of the first field of it that is not known; null where there is none. */
export function unsupportedOfNodeAffinity(nodeAffinity: object): string | null {
  for (const [field, value] of Object.entries(nodeAffinity)) {
    if (field === REQUIRED) {
      const terms: NodeSelectorTerm[] = value?.nodeSelectorTerms ?? []
      const inside = firstOf(terms, unsupportedOfTerm)
      if (inside !== null) return `${REQUIRED}.nodeSelectorTerms${inside}`
    } else if (field === PREFERRED) {
      const inside = firstOf(value as { preference: NodeSelectorTerm }[], ({ preference }) => {
        const path = unsupportedOfTerm(preference)
        return path && `preference.${path}`
      })
      if (inside !== null) return `${PREFERRED}${inside}`
    } else return field
  }
  return null
}

function unsupportedOfTerm(term: NodeSelectorTerm): string | null {
  for (const [field, value] of Object.entries(term)) {
    if (field !== 'matchExpressions' && field !== 'matchFields') return field
    const inside = firstOf((value ?? []) as Requirement[], ({ key, operator }) => {
      if (!OPERATORS.has(operator)) return 'operator'
      return field === 'matchFields' && key !== 'metadata.name' ? 'key' : null
    })
    if (inside !== null) return `${field}${inside}`
  }
  return null
}

export function readNodeTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): NodeTerm {
  return { labels: matchExpressions.map(readRule), names: matchFields.map(readRule) }
}

function readRule({ key, operator, values }: Requirement): LabelRule {
  return { key, operator: operator as LabelRule['operator'], values: values ?? [] }
}

function firstOf<T>(list: readonly T[], unsupported: (item: T) => string | null): string | null {
  for (const [i, item] of list.entries()) {
    const path = unsupported(item)
    if (path !== null) return `[${i}].${path}`
  }
  return null
}
