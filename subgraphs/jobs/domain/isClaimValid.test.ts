import { expect, test } from 'vitest'
import { idOf, job, jobObservation } from '../testkit/builders.ts'
import { isClaimValid } from './isClaimValid.ts'

const submitted = job()
const its = jobObservation(submitted)

const cases = {
  'the object of its directive': { known: submitted, seen: its, want: true },
  'the object that it has been seen as': { known: { ...submitted, uid: its.uid }, seen: its, want: true },
  'another object, after one has been seen': { known: { ...submitted, uid: 'other' }, seen: its, want: false },
  'an object in another project': { known: submitted, seen: { ...its, projectId: idOf('project', 2) }, want: false },
  'an object of another tenant': { known: submitted, seen: { ...its, tenantId: idOf('tenant', 2) }, want: false },
  'an object of another name in its project': { known: submitted, seen: { ...its, name: 'mine' }, want: false },
  'an object that claims another job': { known: submitted, seen: { ...its, jobId: idOf('job', 2) }, want: false },
  'an object that claims nothing': { known: submitted, seen: { ...its, jobId: null }, want: false },
}
for (const [name, { known, seen, want }] of Object.entries(cases)) {
  test(`${name}: ${want ? 'accepted' : 'refused'}`, () => expect(isClaimValid(known, seen)).toBe(want))
}
