import type { DomainClock } from '../../../platform/clock.ts'
import type { Pod } from '../../objects.ts'
import { hash32 } from '../api/identifiers.ts'
import { scriptOf, timesOf } from './podRun.ts'

const STEPS = 10

/**
 * What a pod has written up to now: the same text for the same pod, however often it is read and
 * whoever has been restarted in between. Lines begin with their time, as a container runtime keeps them.
 */
export function logOf(pod: Pod, clock: Pick<DomainClock, 'nowMs'>, seed: string): string {
  const { startedAtMs, finishedAtMs } = timesOf(pod)
  if (startedAtMs === null) return ''
  const { runMs } = scriptOf(pod)
  const { name, uid } = pod.metadata
  const untilMs = finishedAtMs ?? clock.nowMs()
  const lines = [line(startedAtMs, `${name}: started on ${pod.spec?.nodeName}`)]
  for (let step = 1; step <= STEPS; step++) {
    const atMs = startedAtMs + Math.round((runMs * step) / STEPS)
    if (atMs > untilMs) break
    const noise = (hash32(`${seed}/log/${uid}/${step}`) % 1_000) / 10_000
    lines.push(line(atMs, `step ${step}/${STEPS} loss=${(2 / (1 + step) + noise).toFixed(4)}`))
  }
  const terminated = pod.status?.containerStatuses?.[0]?.state?.terminated
  if (finishedAtMs !== null) lines.push(line(finishedAtMs, `${name}: ended with exit code ${terminated?.exitCode}`))
  return lines.join('')
}

function line(atMs: number, text: string): string {
  return `${new Date(atMs).toISOString()} ${text}\n`
}
