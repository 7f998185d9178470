import { annotations } from '../../../kubernetes/names.ts'
import type { Job } from '../../../kubernetes/objects.ts'
import { type MakeCheck, must } from './check.ts'

/** How often one job may be stopped for others, in the quarter of an hour that a history takes. */
const MOST_STOPS = 12

/** Nobody is stopped for one whom it was stopped for itself, within a queue; and nobody again and again. */
export const checkEvictions: MakeCheck = ({ truth, looking }) => {
  const stoppedFor = new Map<string, Set<string>>()
  const stops = new Map<string, number>()
  truth.jobs.onChange(
    looking((change) => {
      if (change.type !== 'MODIFIED') return
      const { before, object } = change
      const text = object.metadata.annotations?.[annotations.nomination]
      if (text !== undefined && text !== before.metadata.annotations?.[annotations.nomination]) nominated(object, text)
      if (!before.spec?.suspend && object.spec?.suspend && reasonOf(object) === 'Preempted') {
        const count = (stops.get(uidOf(object)) ?? 0) + 1
        stops.set(uidOf(object), count)
        must(count <= MOST_STOPS, () => `${object.metadata.name} was stopped ${count} times`)
      }
    }),
  )

  function nominated(job: Job, text: string): void {
    const { victims } = JSON.parse(text) as { victims: string[] }
    for (const uid of victims) {
      const victim = [...truth.jobs.items()].find((other) => uidOf(other) === uid)
      // Across queues it may go to and fro: whose turn it is moves with what each of them has.
      if (victim === undefined || queueOf(victim) !== queueOf(job)) continue
      must(
        !stoppedFor.get(uidOf(job))?.has(uid),
        () => `${victim.metadata.name} is stopped for ${job.metadata.name}, which was stopped for it`,
      )
      stoppedFor.set(uid, (stoppedFor.get(uid) ?? new Set()).add(uidOf(job)))
    }
  }
  return {}
}

function uidOf({ metadata }: Job): string {
  return metadata.uid ?? ''
}

function queueOf({ metadata }: Job): string | undefined {
  return metadata.labels?.['sluice.dev/queue']
}

function reasonOf({ metadata }: Job): string | undefined {
  const text = metadata.annotations?.[annotations.evicted]
  return text === undefined ? undefined : JSON.parse(text).reason
}
