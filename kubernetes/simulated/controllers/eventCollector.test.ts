import { expect, test } from 'vitest'
import { START_MS, startTestCluster, type TestCluster } from '../testkit.ts'

const eventAt = (name: string) => ({
  apiVersion: 'v1' as const,
  kind: 'Event' as const,
  metadata: { namespace: 't', name },
  involvedObject: { apiVersion: 'batch/v1', kind: 'Job', namespace: 't', name: 'train' },
  reason: 'Admitted',
  message: '2 pods',
})

async function names({ cluster }: TestCluster): Promise<(string | undefined)[]> {
  const { items } = await cluster.list('Event', { namespace: 't' })
  return items.map(({ metadata }) => metadata.name)
}

test('an event is kept for an hour, and no longer', async () => {
  const test = await startTestCluster()
  await test.cluster.create('Event', eventAt('first'))
  test.clock.advanceTo(START_MS + 1_800_000)
  await test.settle()
  await test.cluster.create('Event', eventAt('second'))
  test.clock.advanceTo(START_MS + 3_599_000)
  await test.settle()
  expect(await names(test)).toEqual(['first', 'second'])
  test.clock.advanceTo(START_MS + 3_600_000)
  await test.settle()
  expect(await names(test)).toEqual(['second'])
  test.clock.advanceTo(START_MS + 5_400_000)
  await test.settle()
  expect(await names(test)).toEqual([])
})

test('discrete time does not go on for it', async () => {
  const test = await startTestCluster()
  await test.passAll()
  await test.cluster.create('Event', eventAt('first'))
  expect(test.clock.nextTimerMs()).toBeNull()
})
