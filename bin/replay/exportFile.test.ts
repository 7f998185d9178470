import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { readExport } from './exportFile.ts'

const HEADER = 'device,share,start,end,gpu_seconds,unit_price,cost,currency'
const WHOLE = 'GPU-1,1,2026-01-01T00:00:00Z,2026-01-01T00:00:10Z,10,0.001,0.01,USD'
const SHARE = 'GPU-1,0.46,2026-01-01T00:00:10Z,2026-01-01T00:00:13Z,1.38,0.001,0.00138,USD'
const WITHOUT_GPU = ',,2026-01-01T00:00:00Z,2026-01-01T00:00:10Z,0,,0,USD'

function exported(...lines: string[]) {
  const file = new TextEncoder().encode(`${[HEADER, ...lines].join('\n')}\n`)
  const sha256 = createHash('sha256').update(file).digest('hex')
  return { file, manifest: { rows: lines.length, sha256 } }
}

test('GPU-seconds and cost are added up exactly, intervals are those of devices', () => {
  const { file, manifest } = exported(WHOLE, SHARE, WITHOUT_GPU)
  const startMs = Date.UTC(2026, 0, 1)
  expect(readExport(file, manifest)).toEqual({
    rows: 3,
    gpuSeconds: '11.38',
    cost: '0.01138',
    currency: 'USD',
    intervals: [
      { device: 'GPU-1', share: '1', startMs, endMs: startMs + 10_000 },
      { device: 'GPU-1', share: '0.46', startMs: startMs + 10_000, endMs: startMs + 13_000 },
    ],
    faults: [],
  })
})

test('a file of a header alone is an export of nothing', () => {
  const { file, manifest } = exported()
  expect(readExport(file, manifest)).toMatchObject({ rows: 0, gpuSeconds: '0', cost: '0', intervals: [], faults: [] })
})

test('a row that is missing is noticed by the count and by the sum over the file', () => {
  const { file } = exported(WHOLE)
  const { manifest } = exported(WHOLE, SHARE)
  expect(readExport(file, manifest).faults).toEqual([
    'the file has 1 rows, the API said 2',
    expect.stringMatching(/^the file's sha-256 is [0-9a-f]{64}, the API said [0-9a-f]{64}$/),
  ])
})

test('a row that costs something else than its product is noticed', () => {
  const { file, manifest } = exported(WHOLE, SHARE.replace('0.00138', '0.00139'))
  expect(readExport(file, manifest).faults).toEqual(['1 rows cost something else than gpu_seconds × unit_price'])
})
