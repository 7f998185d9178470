import { expect, onTestFinished, test } from 'vitest'
import type { Claims } from '../../platform/identity/identity.ts'
import { createIds } from '../../platform/ids.ts'
import { member, operator, type TestGraph } from '../../test/testkit/subgraph.ts'
import { queueObservation, startInventory, UPDATE_QUEUE } from './testkit.ts'

const acme = createIds().next('tenant')
const bravo = createIds().next('tenant')
const EVENTS = `subscription ($id: ID!, $after: Cursor) {
  queueEvents(queueId: $id, after: $after) { cursor at type queue { generation } pending admitted usedGpus pendingGpus }
}`
interface QueueEvent {
  cursor: string
  type: string
  pending: number
  queue: { generation: number } | null
}

/** Events as they come. */
async function listen(graph: TestGraph, as: Claims, id: string, after?: string) {
  const stream = await graph.subscribe(as, EVENTS, { id, after })
  onTestFinished(async () => {
    await stream.return()
  })
  return {
    async next(): Promise<QueueEvent> {
      const { value } = await stream.next()
      if (!value?.data) throw new Error(JSON.stringify(value))
      return (value.data as unknown as { queueEvents: QueueEvent }).queueEvents
    },
  }
}

async function cursorOf(graph: TestGraph, as: Claims, id: string): Promise<string> {
  const { data } = await graph.ask<{ queue: { eventsCursor: string } }>(as, `{ queue(id: "${id}") { eventsCursor } }`)
  return data.queue.eventsCursor
}

test('what happens after the cursor of an answer comes in order, with the state as of then', async () => {
  const { graph, queueId, hello, observer } = await startInventory()
  const id = await queueId({ name: 'research' })
  const after = await cursorOf(graph, operator, id)
  const agent = observer(await hello())
  await agent.send(queueObservation('research', { pending: 3 }), queueObservation('default', { pending: 7 }))
  await graph.ask(operator, UPDATE_QUEUE, { input: { id, expectedGeneration: 1, weight: '2' } })
  await agent.send(queueObservation('research', { admitted: 3, usedGpus: '1.5' }))

  const events = await listen(graph, operator, id, after)
  const [first, second, third] = [await events.next(), await events.next(), await events.next()]
  expect(first).toMatchObject({ type: 'OBSERVED', at: '2026-01-01T00:01:00.000Z', pending: 3, admitted: 0 })
  expect(second).toMatchObject({ type: 'UPDATED', pending: 3, queue: { generation: 2 } })
  expect(third).toMatchObject({ type: 'OBSERVED', pending: 0, admitted: 3, usedGpus: '1.5' })

  const resumed = await listen(graph, operator, id, first.cursor)
  expect(await resumed.next()).toEqual(second)
})

test('without a cursor it begins now', async () => {
  const { graph, queueId, hello, observer } = await startInventory()
  const id = await queueId({ name: 'research' })
  const agent = observer(await hello())
  await agent.send(queueObservation('research', { pending: 1 }))
  const events = await listen(graph, operator, id)
  const next = events.next()
  // Changed again until one is heard: the stream does not say when it has begun.
  let heard: QueueEvent | null = null
  for (let pending = 2; heard === null && pending < 1_000; pending++) {
    await agent.send(queueObservation('research', { pending }))
    heard = await Promise.race([next, cursorOf(graph, operator, id).then(() => null)])
  }
  expect(heard?.pending).toBeGreaterThan(1)
})

test("members hear of shared queues and of their own, and another tenant's is NOT_FOUND", async () => {
  const { graph, queueId, publishTenant } = await startInventory()
  await publishTenant(acme, 'acme')
  await publishTenant(bravo, 'bravo')
  const [shared, own, foreign] = [
    await queueId({ name: 'shared' }),
    await queueId({ name: 'own', tenantId: acme }),
    await queueId({ name: 'foreign', tenantId: bravo }),
  ]
  const viewer = member(acme, 'viewer')
  for (const id of [shared, own]) {
    const events = await listen(graph, viewer, id, await cursorOf(graph, viewer, id))
    await graph.ask(operator, UPDATE_QUEUE, { input: { id, expectedGeneration: 1 } })
    expect(await events.next()).toMatchObject({ type: 'UPDATED', queue: { generation: 2 } })
  }
  expect((await graph.ask(viewer, EVENTS, { id: foreign })).codes).toEqual(['NOT_FOUND'])
})

test("a cursor of another queue's stream, or of nothing, is refused", async () => {
  const { graph, queueId, publishTenant } = await startInventory()
  await publishTenant(acme, 'acme')
  const [shared, own] = [await queueId({ name: 'shared' }), await queueId({ name: 'own', tenantId: acme })]
  for (const after of [await cursorOf(graph, operator, shared), 'nonsense']) {
    const stream = await graph.subscribe(operator, EVENTS, { id: own, after })
    const { value } = await stream.next()
    expect(value?.errors?.map(({ extensions }) => extensions.code)).toEqual(['CURSOR_INVALID'])
  }
})
