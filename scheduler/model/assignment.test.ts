import fc from 'fast-check'
import { assert, describe, test } from 'vitest'
import { type Assignment, decodeAssignment, encodeAssignment, MAX_ASSIGNMENT_BYTES, type Place } from './assignment.ts'

describe('an assignment on a Job', () => {
  test('is a table of nodes and runs of slots', () => {
    const slots = [0, 1, 2].map((n) => ({ node: `n${n}`, devices: [0, 1, 2, 3, 4, 5, 6, 7] }))
    const text = encodeAssignment({ flavor: 'a100', slots: [...slots, { node: 'n0', devices: [8, 10] }] })
    assert.deepEqual(JSON.parse(text ?? ''), {
      v: 1,
      flavor: 'a100',
      nodes: ['n0', 'n1', 'n2'],
      runs: [
        [0, 3, 1, '0-7'],
        [0, 1, 1, '8,10'],
      ],
    })
  })

  test('comes back as it was, whatever the order of nodes and devices', () => {
    const place = fc.record({
      node: fc.constantFrom('n0', 'n1', 'n2', 'n3'),
      devices: fc.uniqueArray(fc.integer({ min: 0, max: 30 })).map((list) => list.toSorted((a, b) => a - b)),
    })
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 40 }), (slots: Place[]) => {
        const assignment: Assignment = { flavor: 'a100', slots }
        assert.deepEqual(decodeAssignment(encodeAssignment(assignment) ?? ''), assignment)
      }),
    )
  })

  test('of 2,048 pods of one GPU each fits', () => {
    const slots = Array.from({ length: 2048 }, (_, i) => ({ node: `gpu-node-${i >> 3}`, devices: [i & 7] }))
    assert.isNotNull(encodeAssignment({ flavor: 'a100', slots }))
  })

  test('longer than the limit is not written', () => {
    const slots = Array.from({ length: 6000 }, (_, i) => ({ node: `gpu-node-${i >> 3}`, devices: [i & 7] }))
    assert.isNull(encodeAssignment({ flavor: 'a100', slots }))
  })

  const forged: Record<string, string> = {
    'no JSON': '{',
    'another version': '{"v":2,"flavor":"a","nodes":["n"],"runs":[[0,1,1,""]]}',
    'a node that is not in the table': '{"v":1,"flavor":"a","nodes":["n"],"runs":[[1,1,1,""]]}',
    'more slots than any assignment holds': '{"v":1,"flavor":"a","nodes":["n"],"runs":[[0,999999999,0,""]]}',
    'devices out of order': '{"v":1,"flavor":"a","nodes":["n"],"runs":[[0,1,1,"3,1"]]}',
    'devices that are no numbers': '{"v":1,"flavor":"a","nodes":["n"],"runs":[[0,1,1,"x"]]}',
    'a negative run': '{"v":1,"flavor":"a","nodes":["n"],"runs":[[0,-1,1,""]]}',
    'no slots': '{"v":1,"flavor":"a","nodes":[],"runs":[]}',
    null: 'null',
    'a text longer than the limit': ' '.repeat(MAX_ASSIGNMENT_BYTES + 1),
  }
  for (const [name, text] of Object.entries(forged)) {
    test(`that holds ${name} is none`, () => assert.isNull(decodeAssignment(text)))
  }
})
