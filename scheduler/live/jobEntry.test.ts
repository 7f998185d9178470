import { assert, describe, test } from 'vitest'
import { annotations } from '../../kubernetes/names.ts'
import type { NodeSpec } from '../model/node.ts'
import { aNode } from '../testkit/builders.ts'
import { jobOf } from '../testkit/stage.ts'
import { bindingOf } from './bindPod.ts'
import { emptyEntry, type JobEntry, unfilledSlots } from './jobEntry.ts'
import { readJob } from './readJob.ts'
import type { ReadPod } from './readPod.ts'

const ADMITTED_MS = Date.parse('2026-01-01T00:01:00Z')

/** Admitted in epoch 1 to three devices of one node. */
function admittedEntry(completionMode: 'Indexed' | 'NonIndexed', ...pods: Partial<ReadPod>[]): JobEntry {
  const told = {
    [annotations.assignment]: '{"v":1,"flavor":"a100","nodes":["n1"],"runs":[[0,1,1,"0"],[0,1,1,"1"],[0,1,1,"2"]]}',
    [annotations.admittedAt]: new Date(ADMITTED_MS).toISOString(),
    [annotations.epoch]: '1',
  }
  const spec = { suspend: false, completionMode, completions: 3, parallelism: 3 }
  const read = readJob(jobOf({ gpus: 1, slots: 3, annotations: told, spec }), null)
  const known = pods.map((pod, i): [string, ReadPod] => [`pod-${i}`, { ...UNBOUND, uid: `pod-${i}`, ...pod }])
  return { ...emptyEntry('job'), read, tenantId: 't', pods: new Map(known) }
}

const UNBOUND: ReadPod = {
  uid: '',
  namespace: 't',
  name: 'pod',
  resourceVersion: '1',
  jobUid: 'job',
  index: null,
  isCandidate: true,
  node: null,
  hasEnded: false,
  hasSucceeded: false,
  slot: null,
  queue: null,
  createdMs: ADMITTED_MS,
  admittedAtMs: null,
  endedMs: null,
  claims: [],
  group: null,
  labels: {},
  antiAffinity: [],
  holding: { cpuMilli: 0, memoryMiB: 0, gpu: null },
} as unknown as ReadPod

describe('a slot', () => {
  test('is charged to nobody before the newest pod was made, where another scheduler may have had a pod there', () => {
    const laterMs = ADMITTED_MS + 60_000
    const entry = admittedEntry('NonIndexed', {}, { createdMs: laterMs })
    const since = (epoch: number) => {
      const pod = entry.pods.get('pod-0') as ReadPod
      return bindingOf(entry, pod, 0, aNode('n1').spec as NodeSpec, epoch)?.annotations[annotations.admittedAt]
    }
    // The older one waits since the beginning, and takes the slot that the one before the newer one has left.
    assert.equal(Date.parse(since(2) ?? ''), laterMs)
    assert.equal(Date.parse(since(1) ?? ''), ADMITTED_MS)
  })

  test('whose index was done before the Job was made smaller, and has been forgotten by it, is done again', () => {
    const done = { index: 2, slot: 2, node: 'n1', isCandidate: false, hasEnded: true, hasSucceeded: true }
    assert.deepEqual(unfilledSlots(admittedEntry('Indexed', { ...done, admittedAtMs: ADMITTED_MS - 1_000 })), [0, 1, 2])
    assert.deepEqual(unfilledSlots(admittedEntry('Indexed', { ...done, admittedAtMs: ADMITTED_MS })), [0, 1])
  })
})
