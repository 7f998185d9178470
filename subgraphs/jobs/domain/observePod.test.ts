import { expect, test } from 'vitest'
import type { PodObservation } from '../../../platform/link/protocol.ts'
import { idOf, job, podObservation } from '../testkit/builders.ts'
import { newPod } from './newPod.ts'
import { observePod, observePodGone } from './observePod.ts'

const THROUGH = '2026-03-01T12:30:00.000Z'
const at = (minute: number) => `2026-03-01T12:${String(minute).padStart(2, '0')}:00Z`
const DEVICE = { index: 3, uuid: 'GPU-3', model: 'A100', share: '1', identity: 'ASSIGNED' } as const

const seen = (overrides: Partial<PodObservation> = {}) => podObservation(job(), overrides)
const unseen = newPod(seen(), { id: idOf('pod', 1), clusterId: idOf('cluster', 1) })
const told = ({ changes }: ReturnType<typeof observePod>) => changes.map(({ type, at }) => `${type} ${at}`)

test('a pod is told step by step', () => {
  let pod = observePod(unseen, true, seen(), THROUGH)
  expect(told(pod)).toEqual(['CREATED 2026-03-01T12:00:00.000Z'])
  pod = observePod(pod.pod, false, seen({ node: 'n1', admittedAt: at(1), devices: [DEVICE] }), THROUGH)
  expect(told(pod)).toEqual([`BOUND ${at(1)}`])
  pod = observePod(pod.pod, false, seen({ node: 'n1', admittedAt: at(1), startedAt: at(2), phase: 'Running' }), THROUGH)
  expect(told(pod)).toEqual([`RUNNING ${at(2)}`])
  pod = observePod(pod.pod, false, seen({ phase: 'Succeeded', finishedAt: at(3), exitCode: 0 }), THROUGH)
  expect(told(pod)).toEqual([`SUCCEEDED ${at(3)}`])
  expect(pod.pod).toMatchObject({ node: 'n1', devices: [DEVICE], startedAt: at(2), exitCode: 0 })
})

test('a pod first seen at its end tells every step', () => {
  const pod = observePod(
    unseen,
    true,
    seen({ phase: 'Failed', admittedAt: at(1), startedAt: at(2), finishedAt: at(3), exitCode: 1 }),
    THROUGH,
  )
  expect(pod.changes.map(({ type }) => type)).toEqual(['CREATED', 'BOUND', 'RUNNING', 'FAILED'])
})

test('the same state again tells nothing', () => {
  const running = seen({ phase: 'Running', admittedAt: at(1), startedAt: at(2) })
  const { pod } = observePod(unseen, true, running, THROUGH)
  expect(observePod(pod, false, running, THROUGH).changes).toEqual([])
})

test('a pod that is gone while it ran has failed, as in Kubernetes', () => {
  const { pod } = observePod(unseen, true, seen({ phase: 'Running', admittedAt: at(1), startedAt: at(2) }), THROUGH)
  const gone = observePodGone(pod, at(5))
  expect(told(gone)).toEqual([`GONE ${at(5)}`])
  expect(gone.pod).toMatchObject({ phase: 'Failed', reason: 'Deleted', finishedAt: at(5), goneAt: at(5) })
})

test('a pod that had ended keeps its end', () => {
  const { pod } = observePod(unseen, true, seen({ phase: 'Succeeded', finishedAt: at(3) }), THROUGH)
  expect(observePodGone(pod, at(5)).pod).toMatchObject({ phase: 'Succeeded', finishedAt: at(3), goneAt: at(5) })
})

test('what is gone stays gone', () => {
  const { pod } = observePodGone(unseen, at(5))
  expect(observePodGone(pod, at(6))).toEqual({ pod, changes: [] })
  expect(observePod(pod, false, seen({ phase: 'Running' }), THROUGH)).toEqual({ pod, changes: [] })
})
