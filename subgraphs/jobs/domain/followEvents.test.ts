import { expect, test } from 'vitest'
import type { Lagged, StoredEvent, SubscribeOptions } from '../../../platform/events/hub.ts'
import type { Identity } from '../../../platform/identity/identity.ts'
import type { Context } from '../context.ts'
import { idOf, job, NOW } from '../testkit/builders.ts'
import { isJobEvent, jobEvent, readJobEvent } from './events.ts'
import { followEvents } from './followEvents.ts'

const member: Identity = {
  kind: 'member',
  subject: 'dev@acme',
  tenantId: idOf('tenant', 1),
  tenantSlug: 'acme',
  role: 'developer',
  issuedAtMs: 0,
  expiresAtMs: Number.MAX_SAFE_INTEGER,
}
const submitted = jobEvent({ type: 'SUBMITTED', at: NOW, job: job(), reason: null, message: null })
const kind = {
  accepts: isJobEvent,
  jobIdOf: ({ subjectId }: { subjectId: string }) => subjectId,
  read: readJobEvent,
  lagged: ({ cursor, at }: { cursor: string; at: string }) =>
    ({ cursor, at, type: 'LAGGED', job: null, pod: null, reason: null, message: null }) as const,
}

/** A context whose hub gives out `stream` and keeps what it was asked. */
function contextWith(identity: Identity, stream: AsyncGenerator<StoredEvent | Lagged, void, void>) {
  const asked: SubscribeOptions[] = []
  const subscribe = (options: SubscribeOptions) => {
    asked.push(options)
    return stream
  }
  const context = { identity, clock: { nowMs: () => Date.parse(NOW) }, events: { subscribe } } as unknown as Context
  return { context, asked }
}

async function* streamOf(...events: (StoredEvent | Lagged)[]): AsyncGenerator<StoredEvent | Lagged, void, void> {
  yield* events
}

test('a reader that was too slow is told where to resume, and the stream ends', async () => {
  const { context } = contextWith(member, streamOf({ ...submitted, cursor: 'c1' }, { lagged: true, cursor: 'c1' }))
  const events = await Array.fromAsync(await followEvents(context, {}, kind))
  expect(events.map(({ type, cursor, at }) => [type, cursor, at])).toEqual([
    ['SUBMITTED', 'c1', NOW],
    ['LAGGED', 'c1', NOW],
  ])
})

test('each event is asked for again: only what the reader may read is accepted', async () => {
  const { context, asked } = contextWith(member, streamOf())
  await followEvents(context, { after: 'c0' }, kind)
  const [options] = asked
  expect(options).toMatchObject({ tenantId: member.tenantId, after: 'c0' })
  expect(options?.accepts(submitted)).toBe(true)
  expect(options?.accepts({ ...submitted, tenantId: idOf('tenant', 2) })).toBe(false)
  expect(options?.accepts({ ...submitted, type: 'pod.CREATED' })).toBe(false)
})

test('an operator reads every stream', async () => {
  const operator: Identity = { kind: 'operator', subject: 'ops', issuedAtMs: 0, expiresAtMs: Number.MAX_SAFE_INTEGER }
  const { context, asked } = contextWith(operator, streamOf())
  await followEvents(context, {}, kind)
  expect(asked[0]?.tenantId).toBeNull()
  expect(asked[0]?.accepts({ ...submitted, tenantId: idOf('tenant', 2) })).toBe(true)
})
