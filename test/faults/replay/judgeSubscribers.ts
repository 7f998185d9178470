import type { Finding } from '../../../bin/replay/judge.ts'
import { until } from '../../testkit/until.ts'
import type { SeenEvent, Subscriber } from './subscriber.ts'
import type { Subscribers } from './subscribers.ts'

/** Of every job, in its stream. */
const ONCE = ['SUBMITTED', 'ADMITTED', 'RUNNING', 'SUCCEEDED', 'METERED']
const SHOWN = 5

/**
 * Holds what each subscriber saw across all interruptions against one reading of the same log without any,
 * and the story of every job against what it must be.
 * @param jobsByTenant how many each tenant has, by slug
 */
export async function judgeSubscribers(
  subscribers: Subscribers,
  jobsByTenant: ReadonlyMap<string, number>,
): Promise<Finding[]> {
  const all = [...jobsByTenant.values()].reduce((sum, jobs) => sum + jobs, 0)
  const findings: Finding[] = []
  for (const subscriber of subscribers.all) {
    const again = subscribers.reread(subscriber)
    const wanted = jobsByTenant.get(subscriber.name) ?? all
    const counts = () => [subscriber, again].map(({ events }) => typesOf(events).filter(isMetered).length)
    const isWhole = (seen: number[]) => seen.every((count) => count >= wanted)
    const missing = await until('all jobs are metered', async () => counts(), isWhole).then(
      () => [],
      ({ message }: Error) => [{ holds: false, text: `${subscriber.name}: ${message}` }],
    )
    again.stop()
    findings.push(...missing, ...judgeStream(subscriber, again), judgeStories(again))
  }
  return findings
}

function judgeStream(seen: Subscriber, again: Subscriber): Finding[] {
  const [before, after] = [seen, again].map(({ events }) => events.map(({ cursor, type }) => `${type} ${cursor}`))
  const at = before?.findIndex((event, index) => event !== after?.[index]) ?? -1
  const isSame = at === -1 && before?.length === after?.length
  const told = `${seen.name} saw ${before?.length} events over ${seen.resumptions} resumptions, ${after?.length} are in its log`
  return [
    { holds: isSame, text: isSame ? told : `${told}; they differ from event ${at} on` },
    ...[...seen.faults, ...again.faults].map((text) => ({ holds: false, text })),
  ]
}

function judgeStories({ name, events }: Subscriber): Finding {
  const stories = [...Map.groupBy(events, ({ job }) => job?.id ?? '')].map(
    ([id, of]) => [id, typesOf(of).filter((type) => type !== 'REASON_CHANGED')] as const,
  )
  const odd = stories.filter(([, types]) => types.join() !== ONCE.join())
  const shown = odd.slice(0, SHOWN).map(([id, types]) => `; ${id}: ${types.join(' ')}`)
  return {
    holds: odd.length === 0,
    text: `${name}: of ${stories.length} jobs ${odd.length} were told otherwise than once each, in order${shown.join('')}`,
  }
}

const isMetered = (type: string) => type === 'METERED'

function typesOf(events: readonly SeenEvent[]): string[] {
  return events.map(({ type }) => type)
}
