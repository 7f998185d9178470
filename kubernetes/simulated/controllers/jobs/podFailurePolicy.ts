import type { Job, Pod } from '../../../objects.ts'

type Rule = NonNullable<NonNullable<Job['spec']>['podFailurePolicy']>['rules'][number]

/** What a failed pod means for its Job: the first rule that matches decides, and without one it counts. */
export function failureAction(job: Job, pod: Pod): 'FailJob' | 'Ignore' | 'Count' {
  for (const rule of job.spec?.podFailurePolicy?.rules ?? []) {
    if (!matchesExitCodes(rule, pod) && !matchesConditions(rule, pod)) continue
    return rule.action === 'FailJob' || rule.action === 'Ignore' ? rule.action : 'Count'
  }
  return 'Count'
}

function matchesExitCodes({ onExitCodes }: Rule, pod: Pod): boolean {
  if (onExitCodes === undefined) return false
  return (pod.status?.containerStatuses ?? []).some(({ name, state }) => {
    const exitCode = state?.terminated?.exitCode
    if (exitCode === undefined || exitCode === 0) return false
    if (onExitCodes.containerName !== undefined && onExitCodes.containerName !== name) return false
    return onExitCodes.values.includes(exitCode) === (onExitCodes.operator === 'In')
  })
}

function matchesConditions({ onPodConditions }: Rule, pod: Pod): boolean {
  return (onPodConditions ?? []).some((pattern) =>
    pod.status?.conditions?.some(({ type, status }) => type === pattern.type && status === (pattern.status ?? 'True')),
  )
}
