import type { Job, Pod } from '../../../objects.ts'
import { isTrue } from '../../conditions.ts'
import { failureAction } from './podFailurePolicy.ts'
import type { Tally } from './tally.ts'

/** That a Job ends and why. It has ended only when its last pod has. */
export interface Finish {
  type: 'FailureTarget' | 'SuccessCriteriaMet'
  reason: string
  message: string
}

export function hasFinished({ status }: Job): boolean {
  return isTrue(status?.conditions, 'Complete') || isTrue(status?.conditions, 'Failed')
}

/** What an earlier sync decided stands. */
export function earlierFinish({ status }: Job): Finish | null {
  for (const type of ['SuccessCriteriaMet', 'FailureTarget'] as const) {
    const found = status?.conditions?.find((condition) => condition.type === type && condition.status === 'True')
    if (found !== undefined) return { type, reason: found.reason ?? '', message: found.message ?? '' }
  }
  return null
}

export function failure(job: Job, tally: Tally, nowMs: number): Finish | null {
  const fatal = tally.newFailed.find((pod) => failureAction(job, pod) === 'FailJob')
  if (fatal !== undefined) return failed('PodFailurePolicy', fatalMessage(fatal))
  if (tally.failed > (job.spec?.backoffLimit ?? 6)) {
    return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  }
  const deadline = deadlineMs(job, job.status?.startTime)
  if (deadline !== null && nowMs >= deadline) {
    return failed('DeadlineExceeded', 'Job was active longer than specified deadline')
  }
  return null
}

/** When a Job that began at `startTime` has run too long; null: never, or it is not running. */
export function deadlineMs({ spec }: Job, startTime: string | undefined): number | null {
  if (spec?.activeDeadlineSeconds === undefined || startTime === undefined || spec.suspend) return null
  return Date.parse(startTime) + spec.activeDeadlineSeconds * 1_000
}

export function success({ spec }: Job, succeeded: number, active: number): Finish | null {
  const isEnough = spec?.completions === undefined ? succeeded > 0 : succeeded >= spec.completions
  if (!isEnough || active > 0) return null
  return {
    type: 'SuccessCriteriaMet',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  }
}

function failed(reason: string, message: string): Finish {
  return { type: 'FailureTarget', reason, message }
}

function fatalMessage({ metadata }: Pod): string {
  return `Pod ${metadata.namespace}/${metadata.name} failed in a way that a FailJob rule of the pod failure policy matches`
}
