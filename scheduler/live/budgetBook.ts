import type { PodDisruptionBudget } from '../../kubernetes/objects.ts'
import { isMet } from '../model/nodeAffinity.ts'
import type { JobEntry } from './jobEntry.ts'
import { readLabelSelector } from './readPodRules.ts'

/** The PodDisruptionBudgets: how many more of which pods may be stopped, as the cluster's controllers reckon it. */
export class BudgetBook {
  readonly #byNamespace = new Map<string, Map<string, PodDisruptionBudget>>()

  set(budget: PodDisruptionBudget, isGone: boolean): void {
    const { namespace = '', name = '' } = budget.metadata
    const budgets = this.#byNamespace.get(namespace) ?? new Map<string, PodDisruptionBudget>()
    if (isGone) budgets.delete(name)
    else budgets.set(name, budget)
    if (budgets.size > 0) this.#byNamespace.set(namespace, budgets)
    else this.#byNamespace.delete(namespace)
  }

  /** Those that select the job's pods, and how many pods each allows to be stopped: none before it has been reckoned. */
  of({ object, read }: JobEntry): { readonly name: string; readonly allowed: number }[] {
    const budgets = this.#byNamespace.get(read?.namespace ?? '')
    if (budgets === undefined || object === null) return []
    const labels: Record<string, string> = {
      ...object.spec?.template.metadata?.labels,
      ...ownLabels(read?.name ?? '', read?.uid ?? ''),
    }
    return [...budgets.values()]
      .filter(({ spec }) => readLabelSelector(spec?.selector)?.every((rule) => isMet(rule, labels[rule.key])))
      .map(({ metadata, status }) => {
        return { name: `${metadata.namespace}/${metadata.name}`, allowed: status?.disruptionsAllowed ?? 0 }
      })
  }
}

/** What the Job controller writes on each pod. */
function ownLabels(name: string, uid: string): Record<string, string> {
  const prefix = 'batch.kubernetes.io/'
  return { 'job-name': name, 'controller-uid': uid, [`${prefix}job-name`]: name, [`${prefix}controller-uid`]: uid }
}
