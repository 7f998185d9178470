import { pino } from 'pino'
import { expect, test } from 'vitest'
import { outageOf } from './outage.ts'

function outage() {
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'info', base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  return { lines, outage: outageOf(log, { source: 'jobs' }, 'facts cannot be followed') }
}
const refused = () => new Error('jobs is away', { cause: new Error('connect ECONNREFUSED') })

test('however often it fails, it is told once, in a line; and once that it is over', () => {
  const { lines, outage: facts } = outage()
  facts.over()
  for (let attempt = 0; attempt < 3; attempt += 1) facts.failed(refused())
  facts.over()
  facts.over()
  expect(lines).toMatchObject([
    {
      level: 40,
      source: 'jobs',
      why: 'jobs is away: connect ECONNREFUSED',
      msg: 'facts cannot be followed; trying again',
    },
    { level: 30, source: 'jobs', msg: 'no longer: facts cannot be followed' },
  ])
  expect(lines[0]).not.toHaveProperty('err')
})

test('its code, what to do and which request it was are told, and make it no other reason', () => {
  const { lines, outage: facts } = outage()
  const details = { code: 'JOIN_TOKEN_EXPIRED', fix: 'Ask for another one.' }
  for (const requestId of ['r1', 'r2']) facts.failed(Object.assign(refused(), { ...details, requestId }))
  expect(lines).toMatchObject([{ ...details, requestId: 'r1', why: 'jobs is away: connect ECONNREFUSED' }])
})

test('another reason is told, and so is the next outage', () => {
  const { lines, outage: facts } = outage()
  facts.failed(refused())
  facts.failed(new Error('the database is full'))
  facts.over()
  facts.failed(refused())
  expect(lines.map(({ level }) => level)).toEqual([40, 40, 30, 40])
})

test('a mistake in the code has its stack', () => {
  const { lines, outage: facts } = outage()
  facts.failed(new TypeError('x is not a function'))
  expect(lines).toMatchObject([{ err: { stack: expect.stringContaining('outage.test.ts') } }])
})
