import { expect, test } from 'vitest'
import { fitOnDevice, millionthsOf } from './fitOnDevice.ts'

const open = Infinity
type Row = { claim: [number, number, string]; committed: [number, number, string][]; want: [number, number] }

const cases: Record<string, Row> = {
  'nothing committed: as claimed': { claim: [10, 20, '1'], committed: [], want: [10, 20] },
  'predecessor ends as we begin: as claimed': { claim: [10, 20, '1'], committed: [[0, 10, '1']], want: [10, 20] },
  'predecessor ends later: we begin when it ends': { claim: [10, 20, '1'], committed: [[0, 13, '1']], want: [13, 20] },
  'predecessor covers us: nothing is left': { claim: [10, 20, '1'], committed: [[0, 30, '1']], want: [20, 20] },
  'predecessor has no end yet: we wait': { claim: [10, open, '1'], committed: [[0, open, '1']], want: [open, open] },
  'began at the same second: whoever is committed was first': {
    claim: [10, 20, '1'],
    committed: [[10, 15, '1']],
    want: [15, 20],
  },
  'successor began while we held it: it ends us': { claim: [10, 20, '1'], committed: [[15, 30, '1']], want: [10, 15] },
  'successor and its end lie within: we do not come back': {
    claim: [10, 20, '1'],
    committed: [[15, 16, '1']],
    want: [10, 15],
  },
  'predecessor and successor: what lies between': {
    claim: [10, 20, '1'],
    committed: [
      [0, 12, '1'],
      [18, 30, '1'],
    ],
    want: [12, 18],
  },
  'shares that fit beside each other: as claimed': {
    claim: [10, 20, '0.5'],
    committed: [
      [0, 30, '0.3'],
      [0, 30, '0.2'],
    ],
    want: [10, 20],
  },
  'shares that fill it by a thousandth too much: from when one of them ends': {
    claim: [10, 20, '0.5'],
    committed: [
      [0, 14, '0.301'],
      [0, 30, '0.2'],
    ],
    want: [14, 20],
  },
  'one share hands over to another at one instant: no gap': {
    claim: [10, 20, '0.6'],
    committed: [
      [0, 14, '0.5'],
      [14, 17, '0.5'],
    ],
    want: [17, 20],
  },
  'tenths add up exactly': {
    claim: [0, 5, '0.1'],
    committed: Array.from({ length: 9 }, (): [number, number, string] => [0, 5, '0.1']),
    want: [0, 5],
  },
  'an empty one is in nobody’s way': { claim: [10, 20, '1'], committed: [[15, 15, '1']], want: [10, 20] },
  'a claim of no share always fits': { claim: [10, 20, '0'], committed: [[0, 30, '1']], want: [10, 20] },
}

for (const [name, { claim, committed, want }] of Object.entries(cases)) {
  test(name, () => {
    const holding = ([start, end, share]: [number, number, string]) => ({ start, end, millionths: millionthsOf(share) })
    expect(fitOnDevice(holding(claim), committed.map(holding))).toEqual({ start: want[0], end: want[1] })
  })
}
