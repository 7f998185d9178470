import fc from 'fast-check'
import type { Observation } from '../../../platform/link/protocol.ts'
import { at, device, type PodRecord, pod, type podGone } from './builders.ts'

/** What a pod really did, in milliseconds after T0. */
export interface Life {
  uid: string
  devices: { index: number; share: string }[]
  admittedMs: number
  startedMs: number | null
  finishedMs: number
}

const bound = (life: Life): PodRecord =>
  pod(life.uid, {
    admittedAt: at(life.admittedMs / 1000),
    devices: life.devices.map(({ index, share }) => device(index, { share })),
  })
const startedAt = ({ startedMs }: Life) => (startedMs === null ? null : at(startedMs / 1000))

/** All that can be told of it, in the order in which it happens. */
export function storyOf(life: Life): PodRecord[] {
  const running = { ...bound(life), startedAt: startedAt(life) }
  return [
    { ...bound(life), admittedAt: null, node: null, devices: [] },
    bound(life),
    running,
    { ...running, phase: 'Succeeded', finishedAt: at(life.finishedMs / 1000) },
  ]
}

export function endOf(life: Life): PodRecord {
  return storyOf(life)[3] as PodRecord
}

const times = fc.record({
  gapMs: fc.nat(4_000),
  startUpMs: fc.option(fc.nat(3_000)),
  runMs: fc.nat(20_000),
})

/** Pods one after the other on each of a device's slots, as a scheduler that makes no mistake binds them. */
export const tiledLives: fc.Arbitrary<Life[]> = fc
  .array(
    fc.record({
      share: fc.constantFrom('1', '0.5', '0.25', '0.333', '0.001'),
      slots: fc.array(fc.array(times, { maxLength: 5 }), { minLength: 1, maxLength: 4 }),
      hasTwoDevices: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((groups) =>
    groups.flatMap(({ share, slots, hasTwoDevices }, group) =>
      slots.slice(0, Math.floor(1 / Number(share))).flatMap((pods, slot) => {
        let nowMs = 0
        return pods.map(({ gapMs, startUpMs, runMs }, index): Life => {
          const admittedMs = nowMs + gapMs
          const startedMs = startUpMs === null ? null : admittedMs + startUpMs
          const finishedMs = (startedMs ?? admittedMs) + runMs
          nowMs = finishedMs
          const held = hasTwoDevices ? [2 * group, 2 * group + 1] : [2 * group]
          return {
            uid: `pod-${group}-${slot}-${index}`,
            devices: held.map((index) => ({ index, share })),
            admittedMs,
            startedMs,
            finishedMs,
          }
        })
      }),
    ),
  )

/** Pods that claim whatever they like, of two devices. */
export const clashingLives: fc.Arbitrary<Life[]> = fc
  .array(
    fc.record({
      devices: fc.array(fc.record({ index: fc.nat(1), share: fc.constantFrom('1', '0.5', '0.7', '0.3', '0.001') }), {
        minLength: 1,
        maxLength: 2,
      }),
      admittedMs: fc.nat(30_000),
      startedMs: fc.option(fc.nat(30_000)),
      finishedMs: fc.nat(40_000),
    }),
    { maxLength: 12 },
  )
  .map((lives) => lives.map((life, index) => ({ uid: `pod-${index}`, ...life })))

type Unnumbered = PodRecord | ReturnType<typeof podGone>

/** Batches of records, numbered anew. */
export function numbered(batches: readonly (readonly Unnumbered[])[]): Observation[][] {
  let seq = 0
  return batches.map((batch) => batch.map((record) => ({ ...record, seq: ++seq }) as Observation))
}

/** Any records, any of them several times, in any order, cut into batches anywhere. */
export function scrambled(records: readonly Unnumbered[]): fc.Arbitrary<Unnumbered[][]> {
  return fc
    .record({
      again: fc.subarray([...records]),
      cuts: fc.array(fc.nat(2 * records.length), { maxLength: 6 }),
    })
    .chain(({ again, cuts }) => {
      const all = [...records, ...again]
      return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }).map((order) => {
        const edges = [0, ...cuts.filter((cut) => cut < order.length).sort((a, b) => a - b), order.length]
        return edges.slice(1).map((edge, index) => order.slice(edges[index], edge))
      })
    })
}
