import { assert, describe, test } from 'vitest'
import { aPod } from '../testkit/builders.ts'
import { DemandProfile, MAX_TYPICAL } from './demand.ts'
import { gangOf } from './gang.ts'

const small = aPod({ share: 250 })
const large = aPod({ gpus: 8 })

/** "thousandths × count: pods" of each kind, in the order told. */
function told(profile: DemandProfile): string[] {
  return profile.typical.map(({ pod, count }) => `${pod.gpu?.thousandths}×${pod.gpu?.count}: ${count}`)
}

describe('what is usually asked for', () => {
  test('is counted by pods, most frequent first', () => {
    const profile = new DemandProfile()
    profile.note(gangOf(1, small))
    profile.note(gangOf(3, large))
    assert.deepEqual(told(profile), ['1000×8: 3', '250×1: 1'])
  })

  test('is the same whoever came first, where as many were asked', () => {
    const [forwards, backwards] = [new DemandProfile(), new DemandProfile()]
    for (const pod of [small, large]) forwards.note(gangOf(1, pod))
    for (const pod of [large, small]) backwards.note(gangOf(1, pod))
    assert.deepEqual(forwards.typical, backwards.typical)
  })

  test('says nothing of pods without GPUs', () => {
    const profile = new DemandProfile()
    profile.note(gangOf(5, aPod()))
    assert.deepEqual(profile.typical, [])
  })

  test('is told anew only when there is twice as much', () => {
    const profile = new DemandProfile()
    profile.note(gangOf(80, small))
    const before = profile.typical
    profile.note(gangOf(79, small))
    assert.equal(profile.typical, before)
    profile.note(gangOf(1, small))
    assert.deepEqual(told(profile), ['250×1: 160'])
  })

  test('changes with the times: what was asked long ago weighs less and less', () => {
    const profile = new DemandProfile()
    for (let i = 0; i < 10_000; i++) profile.note(gangOf(1, small))
    for (let i = 0; i < 10_000; i++) profile.note(gangOf(1, large))
    assert.match(told(profile)[0] ?? '', /^1000×8/)
  })

  test('stays bounded, however many kinds there are and however large a gang is', () => {
    const profile = new DemandProfile()
    for (let kind = 0; kind < 5000; kind++) profile.note(gangOf(1 + (kind % 7), aPod({ gpus: 1, cpuMilli: kind })))
    profile.note(gangOf(1_000_000, small))
    assert.isAtMost(profile.typical.length, MAX_TYPICAL)
    assert.isAtMost(profile.typical[0]?.count ?? 0, 8192)
    assert.equal(profile.typical[0]?.pod, small)
  })
})
