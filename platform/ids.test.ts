import { expect, test } from 'vitest'
import { createIds, madeAtMs, prefixOf } from './ids.ts'

test('an id says what it names and when it was made', () => {
  const beforeMs = Date.now()
  const id = createIds().next('job')
  const afterMs = Date.now()
  expect(prefixOf(id)).toBe('job')
  expect(madeAtMs(id)).toBeGreaterThanOrEqual(beforeMs)
  expect(madeAtMs(id)).toBeLessThanOrEqual(afterMs)
})

test('an id known from elsewhere: its time is the first 48 bits of its UUID', () => {
  // UUID 01890a5d-ac96-774b-bcce-b302099a8057
  expect(madeAtMs('user_01h455vb4pex5vsknk084sn02q')).toBe(0x01890a5dac96)
})

test('what is no id names nothing and was made at no time', () => {
  for (const text of ['', 'job', 'job_', 'job_01h455vb4pex5vsknk084sn02', 'job_81h455vb4pex5vsknk084sn02q']) {
    expect([prefixOf(text), madeAtMs(text)]).toEqual([null, null])
  }
})
