import type { Pod } from '../../kubernetes/objects.ts'
import type { LabelRule } from '../model/nodeAffinity.ts'
import type { AntiAffinityRule, PodSelector, SpreadRule } from '../model/podRules.ts'

type PodSpec = NonNullable<Pod['spec']>
type Term = NonNullable<
  NonNullable<NonNullable<PodSpec['affinity']>['podAntiAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>[number]
type Spread = NonNullable<PodSpec['topologySpreadConstraints']>[number]

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const NONE: readonly never[] = []

/** What is only preferred is not looked at. */
export function readAntiAffinity(spec: PodSpec | undefined, namespace: string): readonly AntiAffinityRule[] {
  const terms = spec?.affinity?.podAntiAffinity?.[REQUIRED]
  return terms?.map((term) => ({ topologyKey: term.topologyKey, selector: selectorOf(term, namespace) })) ?? NONE
}

export function readSpread(spec: PodSpec | undefined, namespace: string): readonly SpreadRule[] {
  const hard = spec?.topologySpreadConstraints?.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule')
  return (
    hard?.map(({ topologyKey, maxSkew, labelSelector }) => {
      return { topologyKey, maxSkew, selector: { namespaces: [namespace], labels: readLabelSelector(labelSelector) } }
    }) ?? NONE
  )
}

/** Path below podAntiAffinity of the first field that is not supported; null where there is none. */
export function unsupportedOfAntiAffinity(antiAffinity: object): string | null {
  for (const [field, value] of Object.entries(antiAffinity)) {
    if (field === 'preferredDuringSchedulingIgnoredDuringExecution') continue
    if (field !== REQUIRED) return field
    for (const [i, term] of (value as Term[]).entries()) {
      const inside = Object.entries(term).find(([name, said]) => !isKnownInTerm(name, said))
      if (inside !== undefined) return `${REQUIRED}[${i}].${inside[0]}`
    }
  }
  return null
}

/** Path below topologySpreadConstraints of the first field that is not supported; null where there is none. */
export function unsupportedOfSpread(constraints: readonly Spread[]): string | null {
  for (const [i, constraint] of constraints.entries()) {
    if (constraint.whenUnsatisfiable === 'ScheduleAnyway') continue
    const inside = Object.entries(constraint).find(([name, said]) => !isKnownInSpread(name, said))
    if (inside !== undefined) return `[${i}].${inside[0]}`
  }
  return null
}

function isKnownInTerm(field: string, said: unknown): boolean {
  if (field === 'labelSelector' || field === 'topologyKey' || field === 'namespaces') return true
  // Nothing said of namespaces: all of them. Their labels are not known here.
  if (field === 'namespaceSelector') return isEmpty(said)
  return Array.isArray(said) && said.length === 0
}

function isKnownInSpread(field: string, said: unknown): boolean {
  if (field === 'minDomains') return said === 1
  if (field === 'nodeAffinityPolicy') return said === 'Honor'
  if (field === 'nodeTaintsPolicy') return said === 'Ignore'
  if (field === 'labelSelector' || field === 'topologyKey' || field === 'maxSkew') return true
  if (field === 'whenUnsatisfiable') return said === 'DoNotSchedule'
  return Array.isArray(said) && said.length === 0
}

function selectorOf({ labelSelector, namespaces, namespaceSelector }: Term, namespace: string): PodSelector {
  const labels = readLabelSelector(labelSelector)
  // Of somebody else's pod that asks for namespaces by their labels, any could be meant.
  if (namespaceSelector !== undefined) return { namespaces: null, labels }
  return { namespaces: namespaces !== undefined && namespaces.length > 0 ? namespaces : [namespace], labels }
}

/** Rules that all have to be met; null: none was said, which selects nothing. */
export function readLabelSelector(selector: Term['labelSelector']): LabelRule[] | null {
  if (selector === undefined) return null
  const equal = Object.entries(selector.matchLabels ?? {}).map(([key, value]): LabelRule => {
    return { key, operator: 'In', values: [value] }
  })
  const rules = (selector.matchExpressions ?? []).map(({ key, operator, values }): LabelRule => {
    return { key, operator: operator as LabelRule['operator'], values: values ?? [] }
  })
  return [...equal, ...rules]
}

function isEmpty(said: unknown): boolean {
  return (
    typeof said === 'object' &&
    said !== null &&
    Object.values(said).every((value) => Object.keys(value ?? {}).length === 0)
  )
}
