/** Which nodes a pod may go to, beyond its node selector, and which it had rather go to. */
export interface NodeAffinity {
  /** Of each of these lists one term has to hold: what the pod says, and each volume of it. */
  readonly required: readonly (readonly NodeTerm[])[]
  readonly preferred: readonly { readonly weight: number; readonly term: NodeTerm }[]
}

/** All of them have to hold; none at all holds nowhere. */
export interface NodeTerm {
  readonly labels: readonly LabelRule[]
  /** Of the node's name. */
  readonly names: readonly LabelRule[]
}

export interface LabelRule {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt'
  readonly values: readonly string[]
}

interface Named {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** As Kubernetes decides it. */
export function isNodeAllowed(node: Named, { required }: NodeAffinity): boolean {
  return required.every((terms) => terms.some((term) => holds(term, node)))
}

/** Weights of the preferred terms that do not hold: less is better. */
export function unpreferred(node: Named, { preferred }: NodeAffinity): number {
  let weights = 0
  for (const { weight, term } of preferred) if (!holds(term, node)) weights += weight
  return weights
}

function holds({ labels, names }: NodeTerm, node: Named): boolean {
  if (labels.length + names.length === 0) return false
  return labels.every((rule) => isMet(rule, node.labels[rule.key])) && names.every((rule) => isMet(rule, node.name))
}

/** @param value undefined where there is no such label */
export function isMet({ operator, values }: LabelRule, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
    case 'Lt': {
      const [left, right] = [wholeNumber(value), wholeNumber(values[0])]
      if (left === null || right === null) return false
      return operator === 'Gt' ? left > right : left < right
    }
  }
}

function wholeNumber(text: string | undefined): bigint | null {
  return text !== undefined && /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : null
}
