import { expect, test } from 'vitest'
import type { NodeObservation, Observation, PodObservation } from '../../../platform/link/protocol.ts'
import { newestStates } from './newestStates.ts'

const node = (name: string, more: Partial<NodeObservation> = {}): NodeObservation => ({
  name,
  pool: 'a100',
  ready: true,
  cpuMilli: 1000,
  memoryMiB: 1024,
  gpuModel: 'A100',
  deviceControl: 'SIMULATED',
  devices: [],
  ...more,
})
const pod = (uid: string, more: Partial<PodObservation> = {}): PodObservation => ({
  uid,
  namespace: 't-acme-research',
  name: uid,
  tenantId: 'acme',
  projectId: 'research',
  jobUid: null,
  jobId: null,
  node: 'n1',
  phase: 'Running',
  reason: null,
  createdAt: '2026-01-01T00:00:00Z',
  admittedAt: '2026-01-01T00:00:00Z',
  startedAt: null,
  finishedAt: null,
  exitCode: null,
  slot: 0,
  cpuMilli: 1000,
  memoryMiB: 1024,
  devices: [{ index: 0, uuid: 'GPU-0', model: 'A100', share: '0.5', identity: 'ASSIGNED' }],
  ...more,
})
const records = (...observations: (Omit<Observation, 'seq'> & { kind: string })[]): Observation[] =>
  observations.map((observation, seq) => ({ ...observation, seq }) as Observation)

test('the last of several records about a node counts, in whichever direction', () => {
  const states = newestStates(
    records(
      { kind: 'node', ...node('back') },
      { kind: 'nodeGone', name: 'back' } as never,
      { kind: 'node', ...node('back', { ready: false }) },
      { kind: 'node', ...node('gone') },
      { kind: 'nodeGone', name: 'gone' } as never,
    ),
  )
  expect(states.nodes).toMatchObject([{ name: 'back', ready: false }])
  expect(states.goneNodes).toEqual(['gone'])
})

const holding: Record<string, { pod: Partial<PodObservation>; want: boolean }> = {
  'bound, not yet started: holds': { pod: { phase: 'Pending' }, want: true },
  'running: holds': { pod: {}, want: true },
  'lost sight of: holds': { pod: { phase: 'Unknown' }, want: true },
  'not bound: holds nothing': { pod: { node: null, phase: 'Pending' }, want: false },
  'ended: holds nothing': { pod: { phase: 'Succeeded' }, want: false },
  'failed: holds nothing': { pod: { phase: 'Failed' }, want: false },
  'stopped while its phase lags behind: holds nothing': { pod: { finishedAt: '2026-01-01T00:00:10Z' }, want: false },
}
for (const [name, { pod: more, want }] of Object.entries(holding)) {
  test(`a pod that is ${name}`, () => {
    const [held] = newestStates(records({ kind: 'pod', ...pod('p', more) })).pods
    expect(held?.devices.length).toBe(want ? 1 : 0)
  })
}

test('a pod that came and went within a batch holds nothing', () => {
  const gone = { kind: 'podGone', uid: 'p', namespace: 'n', name: 'p', at: '2026-01-01T00:00:10Z' }
  expect(newestStates(records({ kind: 'pod', ...pod('p') }, gone as never)).pods).toMatchObject([
    { uid: 'p', devices: [] },
  ])
})
