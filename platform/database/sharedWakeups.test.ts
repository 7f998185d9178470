import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { testPostgres } from '../../test/testkit/database.ts'
import type { SubgraphName } from '../link/protocol.ts'
import { createWakeups } from '../wakeups.ts'
import { type SharedWakeups, shareWakeups } from './sharedWakeups.ts'

/** Processes of subgraphs on one database. */
async function start(...subgraphs: SubgraphName[]): Promise<SharedWakeups[]> {
  const { connection } = await testPostgres()
  return Promise.all(
    subgraphs.map(async (subgraph) => {
      const options = { subgraph, connection: connection(`sluice_${subgraph}`), log: pino({ level: 'silent' }) }
      const shared = await shareWakeups({ ...options, wakeups: createWakeups() })
      onTestFinished(() => shared.close())
      return shared
    }),
  )
}

const woken = (wakeups: SharedWakeups, topic: string) =>
  new Promise<void>((resolve) => {
    wakeups.on(topic, resolve)
  })

test('a wake-up reaches its own process and the other ones of the subgraph', async () => {
  const [one, two] = (await start('jobs', 'jobs')) as [SharedWakeups, SharedWakeups]
  const both = Promise.all([woken(one, 'events'), woken(two, 'events')])
  one.notify('events')
  await both
})

test('more topics at once than one notification holds all arrive', async () => {
  const [one, two] = (await start('jobs', 'jobs')) as [SharedWakeups, SharedWakeups]
  const topics = Array.from({ length: 500 }, (_, number) => `feed:cluster_${number}:"quoted" and long`)
  const all = Promise.all(topics.map((topic) => woken(two, topic)))
  for (const topic of topics) one.notify(topic)
  await all
})

test('another subgraph hears nothing of it', async () => {
  const [jobs, metering] = (await start('jobs', 'metering')) as [SharedWakeups, SharedWakeups]
  const heard: string[] = []
  metering.on('events', () => heard.push('events'))
  jobs.notify('events')
  const own = woken(metering, 'own')
  metering.notify('own')
  await own
  expect(heard).toEqual([])
})
