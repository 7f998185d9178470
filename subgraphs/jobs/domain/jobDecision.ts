export type DecisionKind = 'ADMITTED' | 'PREEMPTED' | 'EVICTED' | 'REQUEUED' | 'WAITING'

/** One step of the scheduler with a job, as it was observed. */
export interface JobDecision {
  /** Of the event that told it: the order in which they were observed. */
  id: string
  at: string
  kind: DecisionKind
  /** Code of the reason. */
  reason: string | null
  message: string | null
}

/** @param type of the event, one of DECIDING_EVENTS */
export function decisionKind(type: string, reason: string | null): DecisionKind {
  if (type === 'ADMITTED') return 'ADMITTED'
  if (type === 'EVICTED') return reason === 'Preempted' ? 'PREEMPTED' : 'EVICTED'
  return reason === 'WaitingForBackoff' ? 'REQUEUED' : 'WAITING'
}
